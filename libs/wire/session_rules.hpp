#pragma once
#include <cstddef>
#include <string_view>

#include <google/protobuf/descriptor.h>

namespace aftercall::wire {

// What the public JSON of a session asks of a field beyond its type. The walk and the schema read the same
// rules, so they cannot disagree.
struct FieldRules {
  std::string_view field;    // its full name without the package
  std::string_view meaning;  // for the schema: a sentence where the name does not say it
  std::size_t longest =
      0;  // of a text, or of a map's value, in characters; 0: only the session's size bounds it
  std::size_t most = 0;  // elements of a list or a map; 0: likewise
  bool by_door = false;  // set when the session is accepted: refused in a request
  bool required = false;
  bool url = false;        // http or https
  bool printable = false;  // no control characters
};
FieldRules rules_of(const google::protobuf::FieldDescriptor& field);

inline constexpr std::size_t longest_map_key = 200;
inline constexpr std::size_t largest_session = 512UL * 1024;  // of the Protobuf form

}  // namespace aftercall::wire
