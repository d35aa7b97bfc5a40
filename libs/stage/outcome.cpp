#include "stage/outcome.hpp"

namespace aftercall::stage {

Settle settle(std::string reason, std::string detail) {
  Settle end;
  end.settled.reason = std::move(reason);
  end.settled.detail = std::move(detail);
  return end;
}

}  // namespace aftercall::stage
