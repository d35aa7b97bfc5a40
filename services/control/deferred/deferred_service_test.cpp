#include "control/deferred/deferred_service.hpp"

#include <gmock/gmock.h>

#include "aftercall/events/v1/audit.pb.h"
#include "aftercall/events/v1/event_deferred.pb.h"
#include "aftercall/events/v1/session_settled.pb.h"
#include "control/test_world.hpp"
#include "telemetry/metrics.hpp"
#include "wire/envelope.hpp"
#include "wire/event_deferred.hpp"
#include "wire/time.hpp"

namespace aftercall::control {
namespace {

using testing::HasSubstr;
using testing::SizeIs;
using KindOf = events::v1::EventDeferred::Kind;

class DeferredApi : public World {
 protected:
  DeferredApi() {
    on_bus([this] {
      for (const auto name :
           {wire::topic::session_finished, wire::topic::contact_matched, wire::topic::note_ready,
            wire::topic::session_settled, wire::topic::event_deferred})
        bus_.create(topics_.of(name), 2);
    });
    first_ = std::make_unique<Instance>(io_, bus_, client_, "", Instance::Deferrals::Released);
    EXPECT_TRUE(eventually([this] { return first_->ready() && first_->owns(); }));
    deferred_ = api::Deferred::NewStub(first_->channel());
  }

  void on_bus(const std::function<void()>& what) {
    std::promise<void> done;
    asio::post(io_, [&] {
      what();
      done.set_value();
    });
    done.get_future().wait();
  }

  void publish(Draft draft) {
    std::promise<void> done;
    std::unique_ptr<bus::Producer> producer;
    asio::post(io_, [&] {
      producer = bus_.producer({});
      asio::co_spawn(io_, producer->publish(std::move(draft)),
                     [&](const std::exception_ptr&, const Result<Position>&) { done.set_value(); });
    });
    done.get_future().wait();
  }

  // One session's unit, deferred by the matcher.
  void defer(const std::string& session, KindOf::Value kind, const std::string& cause,
             std::chrono::seconds ago = 5s) {
    wire::Envelope envelope;
    envelope.id = "e-" + session;
    envelope.tenant = TenantId("acme");
    Record event;
    event.at = {topics_.of(wire::topic::session_finished), 0, 7};
    event.key = "acme/zoom/" + session;
    event.value = "the body";
    event.headers = wire::headers_of(envelope);
    events::v1::EventDeferred message;
    *message.mutable_event() = wire::to_wire(event);
    message.set_stage("matcher");
    message.set_unit("fake:org");
    message.set_kind(kind);
    message.set_cause(cause);
    message.set_attempt(1);
    message.set_tries(8);
    wire::write_time(*message.mutable_deferred_at(), truncate(std::chrono::system_clock::now()) - ago);
    publish({topics_.of(wire::topic::event_deferred), "e-" + session + "/matcher/fake%3Aorg/1",
             message.SerializeAsString(), wire::headers_of(envelope)});
  }

  api::ListDeferredResponse list(const api::ListDeferredRequest& request = {}) {
    api::ListDeferredResponse response;
    const auto status = deferred_->List(as(Role::Viewer).get(), request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }
  std::string why() {
    api::ListConnectionsResponse listed;
    api::Connections::NewStub(first_->channel())->List(as(Role::Viewer).get(), {}, &listed);
    return listed.connections(0).connection().why();
  }
  std::size_t copies() {
    std::size_t count = 0;
    on_bus([&] {
      for (int partition = 0; partition < 2; ++partition)
        count += bus_.records(topics_.of(wire::topic::session_finished), partition).size();
    });
    return count;
  }

  const wire::TopicNames topics_;
  std::unique_ptr<api::Deferred::Stub> deferred_;
};

TEST_F(DeferredApi, ListsWhatWaitsAndReleasesWhatAPersonNames) {
  defer("a", KindOf::dead, "rejected");
  defer("b", KindOf::dead, "crashed");
  defer("c", KindOf::blocked, "not_authorized");
  ASSERT_TRUE(eventually([this] { return list().items_size() == 3; }));
  api::ReleaseRequest request;
  request.mutable_filter()->set_kind("dead");
  request.mutable_filter()->set_cause("rejected");
  request.set_dry_run(true);
  api::ReleaseResponse response;
  ASSERT_TRUE(deferred_->Release(as(Role::Operator).get(), request, &response).ok());
  EXPECT_EQ(response.queued(), 1);
  EXPECT_EQ(list().items_size(), 3);
  request.set_dry_run(false);
  const auto status = deferred_->Release(as(Role::Operator).get(), request, &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.released(), 1);
  EXPECT_EQ(response.queued(), 0);
  EXPECT_EQ(list().items_size(), 2);
  EXPECT_EQ(copies(), 1U);
  std::string audited;
  on_bus([&] {
    for (const auto& record : bus_.records(topics_.of(wire::topic::audit), 0))
      audited += record.value.value_or("");
  });
  EXPECT_THAT(audited, HasSubstr("deferred.release"));
  EXPECT_THAT(audited, HasSubstr("operator of the test"));
}

TEST_F(DeferredApi, DiscardingEndsAUnitWithWhoDidItAndWhy) {
  defer("a", KindOf::dead, "rejected");
  defer("b", KindOf::blocked, "not_authorized");
  ASSERT_TRUE(eventually([this] { return list().items_size() == 2; }));
  api::DiscardRequest request;
  request.mutable_filter()->set_cause("rejected");
  api::DiscardResponse response;
  EXPECT_EQ(deferred_->Discard(as(Role::Operator).get(), request, &response).error_code(),
            grpc::StatusCode::INVALID_ARGUMENT)
      << "without a reason";
  request.set_reason("a test call");
  EXPECT_EQ(deferred_->Discard(as(Role::Viewer).get(), request, &response).error_code(),
            grpc::StatusCode::PERMISSION_DENIED);
  const auto status = deferred_->Discard(as(Role::Operator).get(), request, &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.discarded(), 1);
  EXPECT_EQ(list().items_size(), 1);
  EXPECT_EQ(copies(), 0U);
  events::v1::SessionSettled settled;
  std::string audited;
  on_bus([&] {
    for (int partition = 0; partition < 2; ++partition)
      for (const auto& record : bus_.records(topics_.of(wire::topic::session_settled), partition))
        settled.ParseFromString(*record.value);
    for (const auto& record : bus_.records(topics_.of(wire::topic::audit), 0))
      audited += record.value.value_or("");
  });
  EXPECT_EQ(settled.session_id(), "a");
  EXPECT_EQ(settled.crm_account(), "fake:org");
  EXPECT_EQ(settled.reason(), "discarded");
  EXPECT_THAT(settled.detail(), HasSubstr("by operator of the test: a test call; waited since"));
  EXPECT_THAT(audited, HasSubstr("deferred.discard"));
  EXPECT_THAT(audited, HasSubstr("a test call"));
}

TEST_F(DeferredApi, NeverReleasesWhatNobodyNamed) {
  defer("a", KindOf::dead, "rejected");
  ASSERT_TRUE(eventually([this] { return list().items_size() == 1; }));
  api::ReleaseRequest request;
  api::ReleaseResponse response;
  EXPECT_EQ(deferred_->Release(as(Role::Operator).get(), request, &response).error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
  request.mutable_filter()->set_kind("died");
  EXPECT_EQ(deferred_->Release(as(Role::Operator).get(), request, &response).error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
  request.mutable_filter()->set_kind("dead");
  EXPECT_EQ(deferred_->Release(as(Role::Viewer).get(), request, &response).error_code(),
            grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(copies(), 0U);
}

TEST_F(DeferredApi, ConnectingLetsGoWhatWaitsForIt) {
  api::ApplyResponse applied;
  ASSERT_TRUE(apply(*first_, acme(), applied).ok());
  defer("a", KindOf::blocked, "not_authorized");
  ASSERT_TRUE(eventually([this] { return list().items_size() == 1; }));
  EXPECT_EQ(copies(), 0U);
  api::ConnectResponse connected;
  ASSERT_TRUE(connect(*first_, "acme", connected).ok());
  EXPECT_TRUE(eventually([this] { return copies() == 1 && list().items_size() == 0; }));
}

TEST_F(DeferredApi, ARightThatIsLostIsNoticedByWhatItBlocksAndReleasesThatWhenItIsFound) {
  set_up(*first_);
  outside_.missing({"prvCreateNote"});
  defer("a", KindOf::blocked, "not_permitted", 0s);
  ASSERT_TRUE(eventually([this] { return why() == "missing: prvCreateNote"; }));
  const int looks = outside_.looks();
  ASSERT_TRUE(eventually([&] { return outside_.looks() >= looks + 3; })) << "it goes on looking";
  EXPECT_EQ(copies(), 0U);
  outside_.missing({});
  EXPECT_TRUE(eventually([this] { return copies() == 1 && list().items_size() == 0; }));
}

TEST_F(DeferredApi, AConnectionThatLooksWellAllTheTimeReleasesNothingOfWhatIsBlocked) {
  set_up(*first_);
  const int looks = outside_.looks();
  defer("a", KindOf::blocked, "not_permitted", 0s);
  ASSERT_TRUE(eventually([&] { return outside_.looks() >= looks + 3; }));
  EXPECT_EQ(copies(), 0U);
  EXPECT_EQ(list().items_size(), 1);
}

TEST_F(DeferredApi, APersonsProbeLetsGoWhatIsBlockedAlthoughTheConnectionLooksWellAllTheTime) {
  set_up(*first_);
  const int looks = outside_.looks();
  const std::size_t sign_ins = outside_.token_requests().size();
  defer("a", KindOf::blocked, "not_permitted", 0s);
  ASSERT_TRUE(eventually([&] { return outside_.looks() >= looks + 3; })) << "control's own";
  EXPECT_EQ(copies(), 0U);
  api::ConnectResponse probed;
  const auto status = probe(*first_, Role::Operator, probed);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_TRUE(eventually([this] { return copies() == 1 && list().items_size() == 0; }));
  EXPECT_EQ(outside_.token_requests().size(), sign_ins) << "with the sign-in at hand";
}

TEST_F(DeferredApi, APersonsProbeLetsNothingGoWhileARightIsSeenToBeMissing) {
  set_up(*first_);
  outside_.missing({"prvCreateNote"});
  defer("a", KindOf::blocked, "not_permitted", 0s);
  ASSERT_TRUE(eventually([this] { return why() == "missing: prvCreateNote"; }));
  api::ConnectResponse probed;
  ASSERT_TRUE(probe(*first_, Role::Operator, probed).ok());
  EXPECT_EQ(probed.missing_size(), 1);
  const int looks = outside_.looks();
  ASSERT_TRUE(eventually([&] { return outside_.looks() >= looks + 3; }));
  EXPECT_EQ(copies(), 0U);
}

TEST_F(DeferredApi, ARightThatOnlyLeavesSomethingOutReleasesWhatItBlockedOnceWhenItIsFoundToBeLost) {
  set_up(*first_);
  outside_.accounts(false);
  defer("a", KindOf::blocked, "not_permitted", 0s);
  ASSERT_TRUE(eventually([this] { return copies() == 1 && list().items_size() == 0; }));
  const int looks = outside_.looks();
  defer("a", KindOf::blocked, "not_permitted", 0s);
  ASSERT_TRUE(eventually([&] { return outside_.looks() >= looks + 3; }));
  EXPECT_EQ(copies(), 1U) << "nothing has changed since";
  EXPECT_EQ(list().items_size(), 1);
}

TEST_F(DeferredApi, StatusTellsLagInstancesAndWhatWaits) {
  set_up(*first_);
  for (int i = 0; i < 3; ++i)
    publish({topics_.of(wire::topic::session_finished), "acme/zoom/" + std::to_string(i), "x", {}});
  defer("a", KindOf::dead, "rejected");
  defer("b", KindOf::in_doubt, "unanswered");
  ASSERT_TRUE(eventually([this] { return list().items_size() >= 1; }));
  api::GetStatusResponse response;
  const auto stub = api::Status::NewStub(first_->channel());
  const auto status = stub->Get(as(Role::Viewer).get(), {}, &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  ASSERT_THAT(response.stages(), SizeIs(3));
  EXPECT_EQ(response.stages(0).stage(), "matcher");
  EXPECT_GE(response.stages(0).lag(), 3);
  EXPECT_GE(response.stages(0).lag_age_ms(), 0);
  EXPECT_EQ(response.stages(0).instances(), 0);
  EXPECT_EQ(response.stages(0).dead(), 1);
  EXPECT_EQ(response.stages(0).problem(), "");
  EXPECT_EQ(response.stages(2).lag(), 0);
  EXPECT_EQ(response.tenants(), 1);
  EXPECT_EQ(response.connections(), 1);
  EXPECT_EQ(response.connections_connected(), 1);
  // For a stage without a process, too, which could show it no other way.
  const auto lag =
      "aftercall_stage_lag_events{stage=\"matcher\"} " + std::to_string(response.stages(0).lag());
  EXPECT_TRUE(eventually([&] { return telemetry::metrics_text().find(lag + "\n") != std::string::npos; }));
}

}  // namespace
}  // namespace aftercall::control
