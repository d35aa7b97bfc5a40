#include "matcher/ask.hpp"

#include <gmock/gmock.h>

#include <deque>
#include <stdexcept>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace aftercall::matcher {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

const std::string anna = "anna@contoso.example";
const std::string bo = "bo@contoso.example";
const std::string number = "+46701234567";

// A CRM that answers when the test says so, and knows everybody.
class HeldCrm final : public crm::Connector {
 public:
  struct Look {
    std::vector<crm::Question> questions;
    asio::steady_timer bell;
    std::optional<Result<crm::Answers>> answer;
  };
  explicit HeldCrm(asio::io_context& context) : context_(context) {}

  asio::awaitable<Result<crm::Answers>> look(std::vector<crm::Question> questions, crm::Call) override {
    auto& look = looks.emplace_back(Look{std::move(questions), asio::steady_timer(context_), std::nullopt});
    look.bell.expires_at(asio::steady_timer::time_point::max());
    boost::system::error_code woken;
    while (!look.answer) co_await look.bell.async_wait(asio::redirect_error(asio::use_awaitable, woken));
    co_return *look.answer;
  }
  asio::awaitable<Result<crm::Description>> describe(crm::Call) override {
    co_return aftercall::fail(Cause::Rejected, "unused");
  }
  asio::awaitable<crm::Writes> put(std::vector<crm::Put>, crm::Call) override { co_return crm::Writes{}; }
  asio::awaitable<Result<crm::Recalled>> recall(crm::Put, Instant, crm::Call) override {
    co_return aftercall::fail(Cause::Rejected, "unused");
  }
  asio::awaitable<Result<Spent>> remove(ArtifactKind, std::string, crm::Call) override {
    co_return aftercall::fail(Cause::Rejected, "unused");
  }

  void fail(std::size_t look, Cause cause) { end(look, aftercall::fail(cause, "as the test wants")); }
  void answer(std::size_t look) {
    crm::Answers answers;
    for (const auto& question : looks.at(look).questions) {
      crm::Answer answer;
      if (const auto* by_email = std::get_if<crm::ContactsByEmail>(&question))
        for (const auto& email : by_email->emails)
          answer.contacts.push_back({{"contact", "id of " + email, "", ""}, email, {}, {}, {}});
      if (std::holds_alternative<crm::ActivityTypesNow>(question)) answer.activity_types = {{"Demo", "demo"}};
      answers.each.emplace_back(std::move(answer));
    }
    answers.spent.requests = 1;
    end(look, std::move(answers));
  }

  std::deque<Look> looks;

 private:
  void end(std::size_t look, Result<crm::Answers> answer) {
    looks.at(look).answer = std::move(answer);
    looks.at(look).bell.cancel();
  }
  asio::io_context& context_;
};

class Ask : public testing::Test {
 protected:
  struct Asker {
    std::shared_ptr<Inquiry> inquiry = std::make_shared<Inquiry>();
    std::optional<Result<void>> ended;
    std::string contact(const std::string& identity) const {
      return inquiry->known.contacts.at(identity)->contacts.at(0).record.id;
    }
  };

  void TearDown() override {  // nobody is left waiting: that would be destroyed while it is suspended
    for (std::size_t look = 0; look < crm_->looks.size(); ++look)
      if (!crm_->looks[look].answer) answer(look);
  }

  Asker& start(std::vector<crm::Question> questions, const std::string& account = "a1", bool anew = false) {
    auto& asker = askers_.emplace_back();
    asker.inquiry->connector = crm_;
    asker.inquiry->call.deadline = std::chrono::steady_clock::now() + 30s;
    asker.inquiry->sight = {CrmAccount(account), ConnectionId("main")};
    asker.inquiry->run = anew ? "run" : "";
    asio::co_spawn(context_, ask(asker.inquiry, std::move(questions), shared_),
                   [&asker](const std::exception_ptr& thrown, Result<void> result) {
                     if (thrown) std::rethrow_exception(thrown);
                     asker.ended = std::move(result);
                   });
    settle();
    return asker;
  }
  void settle() {
    context_.restart();
    while (context_.poll() > 0) {
    }
  }
  void answer(std::size_t look) {
    crm_->answer(look);
    settle();
  }
  std::vector<std::string> emails(std::size_t look) const {
    const auto* asked = std::get_if<crm::ContactsByEmail>(&crm_->looks.at(look).questions.at(0));
    return asked == nullptr ? std::vector<std::string>{} : asked->emails;
  }

  asio::io_context context_;
  std::shared_ptr<HeldCrm> crm_ = std::make_shared<HeldCrm>(context_);
  Remembered remembered_;
  InFlight in_flight_{context_.get_executor()};
  Reread reread_;
  Unfinished unfinished_;
  Shared shared_{&remembered_, &in_flight_, &reread_, &unfinished_};
  std::deque<Asker> askers_;
};

std::vector<crm::Question> about(std::vector<std::string> emails) {
  return {crm::ContactsByEmail{std::move(emails)}};
}

TEST_F(Ask, TwoSessionsOfOnePersonThatComeTogetherCostOneLook) {
  const auto& first = start(about({anna}));
  const auto& second = start(about({anna}));
  ASSERT_EQ(crm_->looks.size(), 1U);
  EXPECT_FALSE(second.ended);
  answer(0);
  ASSERT_TRUE(first.ended && second.ended);
  EXPECT_EQ(crm_->looks.size(), 1U);
  EXPECT_EQ(second.contact(anna), "id of " + anna);
  EXPECT_EQ(second.inquiry->known.spent.requests, 0);
}

TEST_F(Ask, OnlyWhatNobodyIsAskingAboutIsAskedAtOnce) {
  start(about({anna}));
  auto questions = about({anna, bo});
  questions.emplace_back(crm::ContactsByPhone{number, "SE"});
  const auto& second = start(questions);
  ASSERT_EQ(crm_->looks.size(), 2U);
  EXPECT_THAT(emails(1), ElementsAre(bo));
  EXPECT_EQ(crm_->looks[1].questions.size(), 2U);
  answer(1);
  EXPECT_FALSE(second.ended) << "it still needs the other's answer";
  answer(0);
  ASSERT_TRUE(second.ended);
  EXPECT_EQ(second.contact(anna), "id of " + anna);
  EXPECT_EQ(second.contact(bo), "id of " + bo);
}

TEST_F(Ask, WhenTheOthersLookFailsTheQuestionIsAskedAllTheSame) {
  const auto& first = start(about({anna}));
  const auto& second = start(about({anna}));
  crm_->fail(0, Cause::Timeout);
  settle();
  ASSERT_TRUE(first.ended);
  EXPECT_FALSE(*first.ended);
  ASSERT_EQ(crm_->looks.size(), 2U);
  answer(1);
  ASSERT_TRUE(second.ended);
  EXPECT_TRUE(*second.ended);
  EXPECT_EQ(second.contact(anna), "id of " + anna);
}

TEST_F(Ask, ALookThatHangsIsNotWaitedForLong) {
  shared_.patience = 0ms;
  start(about({anna}));
  start(about({anna}));
  EXPECT_EQ(crm_->looks.size(), 2U);
}

TEST_F(Ask, TwoThatWaitForEachOtherBothEnd) {
  const auto& first = start(about({anna, bo}));
  const auto& second = start({crm::ContactsByEmail{{bo}}, crm::ContactsByPhone{number, "SE"}});
  const auto& third = start({crm::ContactsByEmail{{anna}}, crm::ContactsByPhone{number, "SE"}});
  answer(0);
  answer(1);
  EXPECT_TRUE(first.ended && second.ended && third.ended);
  EXPECT_EQ(crm_->looks.size(), 2U);
}

TEST_F(Ask, AResendAndAnotherAccountAskForThemselves) {
  start(about({anna}));
  start(about({anna}), "a1", true);
  start(about({anna}), "a2");
  EXPECT_EQ(crm_->looks.size(), 3U);
}

TEST_F(Ask, OneUnitReadsTheActivityTypesAgainForAllThatMissOne) {
  const Instant now = instant_of(1'800'000'000'000);
  const auto inquiry = std::make_shared<Inquiry>();
  inquiry->connector = crm_;
  inquiry->call.deadline = std::chrono::steady_clock::now() + 30s;
  inquiry->sight = {CrmAccount("a1"), ConnectionId("main")};
  int ended = 0;
  for (int i = 0; i < 3; ++i)
    asio::co_spawn(context_, read_again(inquiry, Capabilities(), now, shared_),
                   [&](const std::exception_ptr&) { ++ended; });
  settle();
  ASSERT_EQ(crm_->looks.size(), 1U);
  answer(0);
  EXPECT_EQ(ended, 3);
  EXPECT_EQ(inquiry->known.spent.requests, 1) << "it is the unit's, too";
  EXPECT_EQ(reread_.newest(inquiry->sight, Capabilities()).activity_types.size(), 1U);
}

}  // namespace
}  // namespace aftercall::matcher
