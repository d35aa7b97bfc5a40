#include "wire/artifact_kind.hpp"

namespace aftercall::wire {

v1::Artifact::Kind::Value to_wire(ArtifactKind kind) {
  switch (kind) {
    case ArtifactKind::Contact:
      return v1::Artifact::Kind::contact;
    case ArtifactKind::Note:
      return v1::Artifact::Kind::note;
    case ArtifactKind::Activity:
      return v1::Artifact::Kind::activity;
  }
  return v1::Artifact::Kind::unspecified;
}

Result<ArtifactKind> from_wire(v1::Artifact::Kind::Value value) {
  switch (value) {
    case v1::Artifact::Kind::contact:
      return ArtifactKind::Contact;
    case v1::Artifact::Kind::note:
      return ArtifactKind::Note;
    case v1::Artifact::Kind::activity:
      return ArtifactKind::Activity;
    default:
      return fail(Cause::NeedsNewerStage,
                  "the plan holds a kind of artifact that this release does not know");
  }
}

}  // namespace aftercall::wire
