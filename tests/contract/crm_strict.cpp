#include "crm_strict.hpp"

namespace aftercall::test {

void replace(std::string& text, const std::string& what, const std::string& with) {
  bool found = false;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
    found = true;
  }
  if (!found) throw std::runtime_error("the request does not hold " + what);
}

Break in_target(std::string what, std::string with) {
  return [what = std::move(what), with = std::move(with)](http::Request& request) {
    replace(request.target, what, with);
  };
}

Break in_body(std::string what, std::string with) {
  return [what = std::move(what), with = std::move(with)](http::Request& request) {
    replace(request.body, what, with);
  };
}

Break without(std::string header) {
  return [header = std::move(header)](http::Request& request) {
    if (request.headers.count(header) == 0) throw std::runtime_error("the request has no " + header);
    request.headers.remove(header);
  };
}

Break with(std::string header, std::string value) {
  return [header = std::move(header), value = std::move(value)](http::Request& request) {
    request.headers.set(header, value);
  };
}

Break by(std::string method) {
  return [method = std::move(method)](http::Request& request) { request.method = method; };
}

void cut_short(http::Request& request) { request.body.pop_back(); }

http::Request sign_in(Stand& stand, const std::string&) {
  const auto* const entry = crm::find(stand.world().crm);
  return std::get<http::Request>(entry->token_request(stand.connection(), stand.world().credentials).value());
}

void Strict::start(const char* crm) {
  const auto* const world = world_of(crm);
  sandbox_ = std::make_unique<SandboxProcess>(std::vector<std::string>{"--world", world->file});
  stand_ = std::make_unique<Stand>(*crm::find(crm), *world, sandbox_->address());
}

void Strict::TearDownTestSuite() {
  stand_.reset();
  sandbox_.reset();
}

void Strict::SetUp() {
  stand_->control("POST", "reset");
  const auto written = stand_->put_one(note_on(stand_->world().anna, key_3));
  ASSERT_TRUE(written) << written.error().detail;
  note_ = written->id;
  before_ = stand_->notes();
}

void Strict::expect_refused(const Rule& rule) {
  auto request = rule.built(*stand_, note_);
  rule.broken(request);
  const auto refused = send(request);
  EXPECT_EQ(refused.status, rule.status) << refused.body;
  EXPECT_THAT(refused.body, testing::HasSubstr(rule.says));
  EXPECT_EQ(stand_->notes(), before_) << "a refused request changed something";
  const auto accepted = send(rule.built(*stand_, note_));
  EXPECT_THAT(accepted.status, testing::AnyOf(200, 204)) << accepted.body;
  EXPECT_EQ(accepted.body.find("HTTP/1.1 4"), std::string::npos) << accepted.body;
}

}  // namespace aftercall::test
