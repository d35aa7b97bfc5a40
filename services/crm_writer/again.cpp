#include "crm_writer/again.hpp"

#include <map>

#include "render/cut.hpp"
#include "render/text.hpp"

namespace aftercall::crm_writer {
namespace {

void leave_out(Done& done, std::string reason) {
  done.answer.reset();
  done.step.put.reset();
  done.step.stands = ArtifactState::State::LeftOut;
  done.step.reason = std::move(reason);
}

}  // namespace

bool needs_content(const Plan& plan, const Done& done) {
  return plan.artifacts[done.step.artifact].kind != ArtifactKind::Contact && done.answer && *done.answer &&
         (*done.answer)->how == crm::Written::How::Existed;
}

bool needs_cut(const Done& done) {
  return done.answer && !*done.answer && done.answer->error().cause == Cause::TooLong;
}

Step with_content(const Done& done) {
  Step step = done.step;
  step.put->mode = crm::Mode::Update;
  step.put->id = (*done.answer)->id;
  return step;
}

Step with_cut(const Done& done, const Capabilities& can) {
  Step step = done.step;
  auto& content = step.put->content;
  content.title = render::cut_text(content.title, can.note_title_length);
  content.html = render::cut(content.html, can.note_text_length, content.link, can.note_text_in);
  step.kept += step.kept.empty() ? "" : "; ";
  step.kept += "shortened, since the CRM's limit is lower now than when the text was made";
  return step;
}

void say_what_to_do(const Plan& plan, std::vector<Done>& done) {
  for (auto& each : done) {
    const bool create = each.step.put && each.step.put->mode == crm::Mode::Create;
    const bool gone = each.answer && !*each.answer && each.answer->error().cause == Cause::NotFound;
    const auto& artifact = plan.artifacts[each.step.artifact];
    if (create && gone && artifact.main && artifact.target.record)
      each.answer->error().detail +=
          "; the " + each.step.target.type +
          " that was found is not there any more: send the session again, so that it is matched anew";
  }
}

void follow_contacts(const Plan& plan, std::vector<Done>& done) {
  std::map<std::string, Failure> failed;
  for (auto& each : done) {
    const auto& artifact = plan.artifacts[each.step.artifact];
    if (!each.answer || *each.answer) continue;
    if (artifact.kind == ArtifactKind::Contact) {
      const auto failure = each.answer->error();
      if (failure.cause == Cause::NotFound) leave_out(each, failure.detail);
      failed.emplace(artifact.key, failure);
    } else if (const auto contact = failed.find(artifact.target.artifact); contact != failed.end()) {
      const auto& failure = contact->second;
      if (failure.cause == Cause::NotFound)
        leave_out(each, "its contact: " + failure.detail);
      else
        each.answer = tl::unexpected(failure);
    }
  }
}

}  // namespace aftercall::crm_writer
