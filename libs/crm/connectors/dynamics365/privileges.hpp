#pragma once
#include <array>
#include <string_view>

namespace aftercall::crm::dynamics365 {

// Without these no session leaves its main record, the note on a contact.
inline constexpr std::array<std::string_view, 5> needed_privileges{
    "prvReadContact", "prvCreateNote", "prvWriteNote", "prvAppendNote", "prvAppendToContact"};
// Without these, accounts or appointments are left out.
inline constexpr std::array<std::string_view, 2> account_privileges{"prvReadAccount", "prvAppendToAccount"};
inline constexpr std::array<std::string_view, 2> appointment_privileges{"prvReadActivity",
                                                                        "prvAppendToActivity"};

}  // namespace aftercall::crm::dynamics365
