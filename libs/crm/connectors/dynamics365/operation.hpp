#pragma once
#include <string>
#include <utility>

#include "http/message.hpp"

namespace aftercall::crm::dynamics365 {

// One request to the Web API below its service root, before it is known whether it travels alone or in a
// batch.
struct Operation {
  std::string method = "GET";
  std::string path;  // "contacts?$select=…", everything percent-encoded
  http::Headers headers;
  std::string body;  // JSON, one line
};

inline Operation get(std::string path) {
  Operation operation;
  operation.path = std::move(path);
  operation.headers = {{"Accept", "application/json"}};
  return operation;
}

}  // namespace aftercall::crm::dynamics365
