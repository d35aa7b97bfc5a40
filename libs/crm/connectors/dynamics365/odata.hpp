#pragma once
#include <optional>
#include <string>
#include <string_view>

// How text becomes part of a Web API request: by construction, so that nothing that came from outside can end
// a literal or begin another option.
namespace aftercall::crm::dynamics365 {

// 'O''Brien'
std::string literal(std::string_view text);
// A row's key as the Web API wants it: lower case, without braces; nothing if it is no GUID.
std::optional<std::string> guid(std::string_view text);

// A query. Only the filter holds text from outside: it stands here plain, and target() encodes it. The others
// are names of ours, written as they go into a URL.
struct Query {
  std::string set;
  std::string select;
  std::string expand;
  std::string filter;
  std::string order;
  int top = 0;  // 0: as many as there are
  std::string target() const;
};

}  // namespace aftercall::crm::dynamics365
