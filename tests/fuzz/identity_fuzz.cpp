#include "domain/utf8.hpp"
#include "identity/email.hpp"
#include "identity/mask.hpp"
#include "identity/phone.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace aftercall::fuzz {

Subject subject() {
  return {.samples = {"anna.berg@example.se", "Anna <anna@example.se>", "jörg+tag@bücher.example",
                      "070-123 45 67", "+46 (0)70-123 45 67 ext. 12", "0046701234567", "(212) 555-0123",
                      "tel:+81-3-1234-5678", "08-123 456 78 / 070-123 45 67 (home)", "０７０１２３４５６７"},
          .words = {"@", ".", "+", "+46", "00", "ext", ";ext=", ";phone-context=", "x", "/", "(", ")", " ",
                    "\u200B", "\uFEFF", "1-800-FLOWERS", "%", "\xFF", std::string(1, '\0')},
          .longest = 400,
          .iterations = 10'000};
}

namespace {

void try_email(std::string_view input) {
  const auto email = identity::normalise_email(input);
  if (!email) return;
  require(identity::normalise_email(*email).value_or("") == *email, "a normalised address is normalised");
  require(valid_utf8(*email) && utf16_length(*email) <= 100, "an address fits into a CRM");
  require(!identity::domain_of(*email).empty(), "an address has a domain");
  require(email->size() < 5 || identity::masked(*email) != *email || email->starts_with("***"),
          "a mask hides");
}

void try_phone(std::string_view input) {
  for (const char* region : {"SE", "US", ""}) {
    identity::same_number(input, "+46701234567", region);
    const auto e164 = identity::to_e164(input, region);
    if (!e164) continue;
    require(e164->starts_with('+') && e164->find_first_not_of("0123456789", 1) == std::string::npos,
            "E.164 is digits");
    require(e164->size() >= 8 && e164->size() <= 20, "E.164 is neither short nor endless");
    require(identity::same_number(input, *e164, region), "a number is found in its own text");
    const auto search = identity::search_for(*e164, region);
    require(search.digits.size() <= 9 && (search.digits.empty() || search.digits.size() >= 7),
            "7 to 9 digits are searched");
    for (const auto& notation : search.exact)
      if (notation.starts_with('+'))
        require(identity::same_number(notation, *e164, ""), "a notation is the number");
    require(identity::masked(*e164).find(e164->substr(3, e164->size() - 5)) == std::string::npos,
            "a mask hides");
  }
}

}  // namespace

void try_with(std::string_view input) {
  try_email(input);
  try_phone(input);
}

}  // namespace aftercall::fuzz
