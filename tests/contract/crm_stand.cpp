#include "crm_stand.hpp"

#include <iostream>

namespace aftercall::test {
namespace {

Connection placed(Connection connection, const std::string& sandbox) {
  connection.url = sandbox + connection.url;
  for (auto& [name, value] : connection.settings)
    if (value.starts_with("/")) value.insert(0, sandbox);
  return connection;
}

http::ClientSettings client_settings(const StandSettings& settings) {
  http::ClientSettings client;
  client.ca_file = settings.ca_file;
  return client;
}

}  // namespace

Stand::Stand(const crm::Entry& entry, const World& world, std::string sandbox, StandSettings settings)
    : entry_(entry),
      world_(world),
      sandbox_(std::move(sandbox)),
      settings_(std::move(settings)),
      client_(io_.get_executor(), client_settings(settings_)),
      connection_(placed(world.connection, sandbox_)),
      connector_(entry.make(
          connection_, [this](Secret refused) { return fetch_token(std::move(refused)); }, client_)) {
  control("POST", "reset");
  control("DELETE", "journal");
}

Stand::~Stand() {
  try {
    client_.close();
    io_.restart();
    io_.poll();  // what was cut off ends
  } catch (const std::exception& problem) {
    std::cerr << problem.what() << '\n';
  }
}

crm::Call Stand::call() const {
  return {std::chrono::steady_clock::now() + settings_.patience, traceparent, request_id};
}

asio::awaitable<Result<Secret>> Stand::fetch_token(Secret refused) {
  if (token_ && (refused.empty() || *token_ != refused)) co_return *token_;
  auto way = entry_.token_request(connection_, world_.credentials);
  if (!way) co_return tl::unexpected(way.error());
  if (const auto* const lasting = std::get_if<crm::Token>(&*way)) {
    if (!refused.empty()) co_return fail(Cause::NotAuthorized, "there is no other token");
    token_ = lasting->access;
    co_return *token_;
  }
  ++sign_ins_;
  http::Request request = std::get<http::Request>(std::move(*way));
  auto answer = co_await client_.send(std::move(request));
  auto token = entry_.read_token(connection_, answer);
  if (!token) co_return tl::unexpected(token.error());
  token_ = token->access;
  co_return *token_;
}

const Secret& Stand::token() {
  if (!wait(fetch_token(Secret()))) throw std::runtime_error("no token");
  return *token_;
}

Result<crm::Description> Stand::describe() { return wait(connector_->describe(call())); }

Result<crm::Answers> Stand::look(std::vector<crm::Question> questions) {
  return wait(connector_->look(std::move(questions), call()));
}

crm::Writes Stand::put(std::vector<crm::Put> puts) { return wait(connector_->put(std::move(puts), call())); }

Result<crm::Written> Stand::put_one(const crm::Put& put_it) {
  std::vector<crm::Put> puts(1, put_it);
  return put(std::move(puts)).each.at(0);
}

Result<crm::Recalled> Stand::recall(crm::Put lost, Instant since) {
  return wait(connector_->recall(std::move(lost), since, call()));
}

Result<Spent> Stand::remove(ArtifactKind kind, std::string id) {
  return wait(connector_->remove(kind, std::move(id), call()));
}

http::Response Stand::send(http::Request request) {
  auto answer = wait(client_.send(std::move(request)));
  if (!answer) throw std::runtime_error(answer.error().detail);
  return std::move(*answer);
}

nlohmann::json Stand::control(const std::string& method, const std::string& path,
                              const nlohmann::json& body) {
  http::Request request;
  request.method = method;
  request.target = sandbox_ + "/_control/" + path;
  if (!body.is_null()) request.body = body.dump();
  const auto answer = send(std::move(request));
  if (answer.status != 200) throw std::runtime_error(path + ": " + answer.body);
  return nlohmann::json::parse(answer.body);
}

void Stand::fault(const nlohmann::json& match, const nlohmann::json& action, int times) {
  control("POST", "faults", {{"match", match}, {"action", action}, {"times", times}});
}

std::vector<SeenNote> Stand::notes() {
  std::vector<SeenNote> seen;
  const auto answer = control("GET", "rows/" + world_.org + "/" + world_.notes);
  for (const auto& row : answer.at("rows"))
    if (row.value("active_flag", true)) seen.push_back(world_.seen(row));
  return seen;
}

std::vector<nlohmann::json> Stand::requests() {
  std::vector<nlohmann::json> found;
  const auto answer = control("GET", "journal?org=" + world_.org);
  for (const auto& entry : answer.at("entries"))
    if (entry.at("batch").is_null() && entry.at("kind") != "signin") found.push_back(entry);
  return found;
}

}  // namespace aftercall::test
