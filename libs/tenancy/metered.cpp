#include "tenancy/metered.hpp"

#include <algorithm>

#include "telemetry/metrics.hpp"

namespace aftercall::tenancy {
namespace {

namespace asio = boost::asio;
using std::chrono::steady_clock;

std::string_view outcome_of(const crm::Writes& writes) {
  const auto failed =
      std::find_if(writes.each.begin(), writes.each.end(), [](const auto& each) { return !each; });
  return failed == writes.each.end() ? "answered" : name_of(failed->error().cause);
}

class Metered : public crm::Connector {
 public:
  Metered(std::string name, std::unique_ptr<crm::Connector> connector)
      : name_(std::move(name)), inner_(std::move(connector)) {}

  asio::awaitable<Result<crm::Description>> describe(crm::Call call) override {
    const auto began = steady_clock::now();
    auto asking = inner_->describe(std::move(call));
    auto described = co_await std::move(asking);
    count("describe", described, described ? described->spent : crm::spent_in(described.error()), began);
    co_return described;
  }
  asio::awaitable<Result<crm::Answers>> look(std::vector<crm::Question> questions, crm::Call call) override {
    const auto began = steady_clock::now();
    auto asking = inner_->look(std::move(questions), std::move(call));
    auto answers = co_await std::move(asking);
    count("look", answers, answers ? answers->spent : crm::spent_in(answers.error()), began);
    co_return answers;
  }
  asio::awaitable<crm::Writes> put(std::vector<crm::Put> puts, crm::Call call) override {
    const auto began = steady_clock::now();
    auto asking = inner_->put(std::move(puts), std::move(call));
    auto writes = co_await std::move(asking);
    telemetry::crm_requests(name_, "put", outcome_of(writes), writes.spent, steady_clock::now() - began);
    co_return writes;
  }
  asio::awaitable<Result<crm::Recalled>> recall(crm::Put lost, Instant since, crm::Call call) override {
    const auto began = steady_clock::now();
    auto asking = inner_->recall(std::move(lost), since, std::move(call));
    auto recalled = co_await std::move(asking);
    count("recall", recalled, recalled ? recalled->spent : crm::spent_in(recalled.error()), began);
    co_return recalled;
  }
  asio::awaitable<Result<Spent>> remove(ArtifactKind kind, std::string id, crm::Call call) override {
    const auto began = steady_clock::now();
    auto asking = inner_->remove(kind, std::move(id), std::move(call));
    auto removed = co_await std::move(asking);
    count("remove", removed, removed ? *removed : crm::spent_in(removed.error()), began);
    co_return removed;
  }

 private:
  template <class T>
  void count(std::string_view verb, const Result<T>& result, const Spent& spent,
             steady_clock::time_point began) const {
    telemetry::crm_requests(name_, verb, result ? "answered" : name_of(result.error().cause), spent,
                            steady_clock::now() - began);
  }

  std::string name_;
  std::unique_ptr<crm::Connector> inner_;
};

}  // namespace

std::unique_ptr<crm::Connector> metered(std::string name, std::unique_ptr<crm::Connector> connector) {
  return std::make_unique<Metered>(std::move(name), std::move(connector));
}

}  // namespace aftercall::tenancy
