#pragma once
#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <nlohmann/json.hpp>

#include "crm/connector.hpp"
#include "crm_world.hpp"
#include "http/client.hpp"

namespace aftercall::test {

namespace asio = boost::asio;

struct StandSettings {
  std::string ca_file;
  std::chrono::milliseconds patience{10'000};  // of each call to the connector
};

// One connector before a simulated CRM: calls that wait, and a look behind the scenes.
class Stand {
 public:
  Stand(const crm::Entry& entry, const World& world, std::string sandbox, StandSettings settings = {});
  ~Stand();

  Result<crm::Description> describe();
  Result<crm::Answers> look(std::vector<crm::Question> questions);
  crm::Writes put(std::vector<crm::Put> puts);
  Result<crm::Written> put_one(const crm::Put& put_it);
  Result<crm::Recalled> recall(crm::Put lost, Instant since = {});
  Result<Spent> remove(ArtifactKind kind, std::string id);
  http::Response send(http::Request request);  // anything, as it is

  // The sandbox's control API; throws what it refuses.
  nlohmann::json control(const std::string& method, const std::string& path, const nlohmann::json& body = {});
  void fault(const nlohmann::json& match, const nlohmann::json& action, int times);
  std::vector<SeenNote> notes();
  // HTTP requests (a batch is one) to the CRM since the last reset, sign-ins apart.
  std::vector<nlohmann::json> requests();

  const World& world() const { return world_; }
  const Connection& connection() const { return connection_; }
  const Secret& token();  // a valid one
  int sign_ins() const { return sign_ins_; }
  asio::any_io_executor executor() { return io_.get_executor(); }
  void set_patience(std::chrono::milliseconds patience) { settings_.patience = patience; }
  static inline const std::string traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  static inline const std::string request_id = "7c9e6679-7425-40de-944b-e07fc1f90ae7";

  template <class T>
  T wait(asio::awaitable<T> task) {
    std::optional<T> result;
    std::exception_ptr thrown;
    asio::co_spawn(io_, std::move(task), [&](std::exception_ptr error, T value) {
      thrown = error;
      result.emplace(std::move(value));
    });
    io_.restart();
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!result)
      if (io_.run_one_until(deadline) == 0) throw std::runtime_error("nothing came of it in a minute");
    if (thrown) std::rethrow_exception(thrown);
    return std::move(*result);
  }

 private:
  crm::Call call() const;
  asio::awaitable<Result<Secret>> fetch_token(Secret refused);

  const crm::Entry& entry_;
  const World& world_;
  std::string sandbox_;
  StandSettings settings_;
  asio::io_context io_;
  http::Client client_;
  Connection connection_;
  std::optional<Secret> token_;
  int sign_ins_ = 0;
  std::unique_ptr<crm::Connector> connector_;
};

}  // namespace aftercall::test
