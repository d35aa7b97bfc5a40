#include "policy/revision.hpp"

namespace aftercall {
namespace {

Result<Revision> numbered(const Stated& stated) {
  if (!stated.number) return fail(Cause::Malformed, "/revision: missing; this source numbers its revisions");
  if (*stated.number < 0) return fail(Cause::Malformed, "/revision: must not be negative");
  return Revision{Revision::Kind::Number, *stated.number, stated.accepted_at, stated.content_hash};
}

Result<Revision> dated(const Stated& stated) {
  if (stated.number) return fail(Cause::Malformed, "/revision: this source states updated_at instead");
  if (!stated.updated_at)
    return fail(Cause::Malformed, "/updated_at: missing; this source dates its revisions");
  return Revision{Revision::Kind::Time, milliseconds_of(*stated.updated_at), stated.accepted_at,
                  stated.content_hash};
}

Result<Revision> arrived(const Stated& stated) {
  if (stated.number) return fail(Cause::Malformed, "/revision: this source is registered without revisions");
  if (stated.updated_at)
    return fail(Cause::Malformed, "/updated_at: this source is registered without revisions");
  return Revision{Revision::Kind::Arrival, milliseconds_of(stated.accepted_at), stated.accepted_at,
                  stated.content_hash};
}

}  // namespace

Result<Revision> revision_of(Revisions registered, const Stated& stated) {
  switch (registered) {
    case Revisions::Number:
      return numbered(stated);  // the number rules; updated_at beside it says nothing more
    case Revisions::UpdatedAt:
      return dated(stated);
    case Revisions::None:
      return arrived(stated);
  }
  return fail(Cause::Malformed, "the source's kind of revisions is not known");
}

}  // namespace aftercall
