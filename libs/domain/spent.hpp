#pragma once

namespace aftercall {

// What a unit cost at its CRM so far.
struct Spent {
  int requests = 0;  // HTTP requests
  int tokens = 0;    // of the company's daily budget, where the CRM counts one

  Spent& operator+=(const Spent& more) {
    requests += more.requests;
    tokens += more.tokens;
    return *this;
  }
  friend Spent operator+(Spent a, const Spent& b) { return a += b; }
  bool operator==(const Spent&) const = default;
};

}  // namespace aftercall
