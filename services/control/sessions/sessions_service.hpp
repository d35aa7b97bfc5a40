#pragma once
#include "aftercall/control/v1/control.grpc.pb.h"
#include "control/desk.hpp"
#include "control/sessions/view_task.hpp"

namespace aftercall::control {

namespace api = aftercall::control::v1;

// Answers what became of a session, from the view.
class SessionsService final : public api::Sessions::Service {
 public:
  SessionsService(Desk& desk, const ViewTask& following) : desk_(desk), following_(following) {}
  grpc::Status Get(grpc::ServerContext* context, const api::GetSessionRequest* request,
                   api::Story* response) override;
  grpc::Status Search(grpc::ServerContext* context, const api::SearchSessionsRequest* request,
                      api::SearchSessionsResponse* response) override;

 private:
  Desk& desk_;
  const ViewTask& following_;
};

Result<api::Story> find_story(const SessionView& view, const api::SessionRef& session);
Result<api::SearchSessionsResponse> search(const SessionView& view,
                                           const api::SearchSessionsRequest& request);

}  // namespace aftercall::control
