#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "domain/failure.hpp"
#include "domain/secret.hpp"
#include "http/message.hpp"
#include "operation.hpp"

// Operations on the wire and their answers off it: one alone as itself, several as one $batch.
namespace aftercall::crm::dynamics365 {

// What all requests of a call have in common.
struct Sender {
  std::string service_root;  // ends with a slash
  Secret token;
  std::string traceparent;
  std::string request_id;
};
std::string service_root_of(const std::string& base);

// What a batch does after an operation that failed: each stands alone, or those behind it are not carried
// out.
enum class OnFailure { GoOn, Stop };

http::Request wrap(const std::vector<Operation>& operations, const Sender& sender,
                   OnFailure on_failure = OnFailure::GoOn);

// One answer an operation, fewer after one that stopped the batch. Fails as a whole when the request as a
// whole was refused or its answer is half one.
Result<std::vector<http::Response>> unwrap(const http::Response& answer, std::size_t operations);

// How many of the operations from `first` on go into one request: bounded in number (a batch holds a server
// for as long as all of it takes) and in bytes.
std::size_t fitting(const std::vector<Operation>& operations, std::size_t first);

}  // namespace aftercall::crm::dynamics365
