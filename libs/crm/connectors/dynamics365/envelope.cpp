#include "envelope.hpp"

#include <algorithm>
#include <utility>

#include "http/url.hpp"
#include "multipart.hpp"
#include "refusal.hpp"

namespace aftercall::crm::dynamics365 {
namespace {

constexpr std::size_t most_operations = 50;
constexpr std::size_t most_bytes = 1'000'000;
// Where a request line would be longer than servers and proxies surely take, a batch of one carries it in its
// body.
constexpr std::size_t longest_url = 8'000;

http::Headers common_headers(const Sender& sender) {
  http::Headers headers{{"Authorization", "Bearer " + std::string(sender.token.reveal())},
                        {"OData-MaxVersion", "4.0"},
                        {"OData-Version", "4.0"}};
  if (!sender.request_id.empty()) headers.add("x-ms-client-request-id", sender.request_id);
  if (!sender.traceparent.empty()) headers.add("traceparent", sender.traceparent);
  return headers;
}

http::Request alone(const Operation& operation, const Sender& sender) {
  http::Request request;
  request.method = operation.method;
  request.target = sender.service_root + operation.path;
  request.headers = common_headers(sender);
  for (const auto& [name, value] : operation.headers) request.headers.add(name, value);
  request.body = operation.body;
  return request;
}

// What was said of all operations at once was said of no record, though each gets it for its answer.
Failure of_the_whole(Failure failure) {
  if (failure.cause != Cause::NotFound) return failure;
  failure.cause = Cause::ServerError;
  failure.detail += "; that was said of a whole batch, and of none of its records";
  return failure;
}

// None of the lines of any body. Ours are one line of JSON each, so that this ends at the first try; it is
// not left to that.
std::string boundary_for(const std::vector<Operation>& operations) {
  const auto occurs = [&](const std::string& boundary) {
    return std::any_of(operations.begin(), operations.end(),
                       [&](const Operation& each) { return each.body.find(boundary) != std::string::npos; });
  };
  std::string boundary = "batch_aftercall";
  for (unsigned i = 1; occurs(boundary); ++i) boundary = "batch_aftercall_" + std::to_string(i);
  return boundary;
}

// CRLF everywhere: the vendor takes a bare LF for half a request.
std::string part(const Operation& operation, const std::string& root_path) {
  std::string text = "Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n";
  text += operation.method;
  text += ' ';
  text += root_path;
  text += operation.path;
  text += " HTTP/1.1\r\n";
  for (const auto& [name, value] : operation.headers)
    text.append(name).append(": ").append(value).append("\r\n");
  return text.append("\r\n").append(operation.body).append("\r\n");
}

http::Request batch(const std::vector<Operation>& operations, const Sender& sender, OnFailure on_failure) {
  const auto boundary = boundary_for(operations);
  const auto root = http::parse_url(sender.service_root);
  http::Request request;
  request.method = "POST";
  request.target = sender.service_root + "$batch";
  request.headers = common_headers(sender);
  request.headers.add("Accept", "application/json");
  request.headers.add("Content-Type", "multipart/mixed; boundary=\"" + boundary + "\"");
  if (on_failure == OnFailure::GoOn) request.headers.add("Prefer", "odata.continue-on-error");
  for (const auto& operation : operations)
    request.body += "--" + boundary + "\r\n" + part(operation, root ? root->target : "/");
  request.body += "--" + boundary + "--\r\n";
  return request;
}

}  // namespace

std::string service_root_of(const std::string& base) { return base + "/api/data/v9.2/"; }

http::Request wrap(const std::vector<Operation>& operations, const Sender& sender, OnFailure on_failure) {
  const bool single =
      operations.size() == 1 && sender.service_root.size() + operations.front().path.size() <= longest_url;
  auto request = single ? alone(operations.front(), sender) : batch(operations, sender, on_failure);
  request.repeatable = true;  // reads, and writes under a key: create-only or update-only
  return request;
}

Result<std::vector<http::Response>> unwrap(const http::Response& answer, std::size_t operations) {
  // An answer to a batch says so, whatever its status is: a server that stops at the first failure gives the
  // batch that status.
  if (http::media_type(answer.headers) != "multipart/mixed") {
    if (operations == 1) return std::vector<http::Response>{answer};
    if (answer.status >= 300) return tl::unexpected(of_the_whole(failure_of(answer)));
    return fail(Cause::ServerError, "Dynamics 365 answered a batch with something else");
  }
  auto parts = read_multipart(answer.headers.find("Content-Type").value_or(""), answer.body);
  if (!parts) return fail(Cause::ServerError, parts.error().detail);
  if (parts->size() > operations)
    return fail(Cause::ServerError, "Dynamics 365 gave more answers than it was asked questions");
  return parts;
}

std::size_t fitting(const std::vector<Operation>& operations, std::size_t first) {
  std::size_t bytes = 0;
  std::size_t count = 0;
  while (first + count < operations.size() && count < most_operations) {
    const auto& next = operations[first + count];
    bytes += next.path.size() + next.body.size();
    if (count > 0 && bytes > most_bytes) break;
    ++count;
  }
  return count;
}

}  // namespace aftercall::crm::dynamics365
