#include "stage/outcome.hpp"

namespace aftercall::stage {

Settle settle(std::string reason, std::string detail) {
  Settle end;
  end.message.set_reason(std::move(reason));
  end.message.set_detail(std::move(detail));
  return end;
}

}  // namespace aftercall::stage
