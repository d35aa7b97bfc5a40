#pragma once
#include <compare>
#include <functional>
#include <string>
#include <utility>

namespace aftercall {

// A name that cannot be mistaken for another: ids of different things are different types.
template <class Tag>
class Id {
 public:
  Id() = default;
  explicit Id(std::string text) : text_(std::move(text)) {}
  const std::string& str() const { return text_; }
  bool empty() const { return text_.empty(); }
  bool operator==(const Id& other) const { return text_ == other.text_; }
  std::strong_ordering operator<=>(const Id& other) const { return text_ <=> other.text_; }

 private:
  std::string text_;
};

using TenantId = Id<struct TenantTag>;
using SourceId = Id<struct SourceTag>;          // the upstream's Source record, not its credentials
using SessionId = Id<struct SessionTag>;        // as the upstream names it
using ConnectionId = Id<struct ConnectionTag>;  // one tenant's authorised link to one CRM
// "<connector>:<the CRM's own id of the company>", for example "dynamics365:6f9c…" (OrganizationId). Never a
// host name (organisations get renamed), never a connection (two colleagues' connections to one company are
// one account).
using CrmAccount = Id<struct CrmAccountTag>;

}  // namespace aftercall

template <class Tag>
struct std::hash<aftercall::Id<Tag>> {
  std::size_t operator()(const aftercall::Id<Tag>& id) const { return std::hash<std::string>{}(id.str()); }
};
