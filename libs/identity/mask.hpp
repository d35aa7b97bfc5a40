#pragma once
#include <string>
#include <string_view>

namespace aftercall::identity {

// For logs: enough for support to recognise an address they have before them, too little to learn one.
std::string masked(std::string_view email_or_phone);  // a***@example.se, +46***67, else ***

}  // namespace aftercall::identity
