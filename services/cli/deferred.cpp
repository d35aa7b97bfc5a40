#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <iostream>

#include "aftercall/control/v1/control.grpc.pb.h"
#include "cli/commands.hpp"
#include "cli/deferred_text.hpp"

namespace aftercall::cli {
namespace {

namespace v1 = control::v1;

constexpr int a_page = 1000;

v1::DeferredFilter filter_of(const DeferredOptions& options) {
  v1::DeferredFilter filter;
  filter.set_tenant(options.tenant);
  filter.set_crm_account(options.account);
  filter.set_stage(options.stage);
  filter.set_kind(options.kind);
  filter.set_cause(options.cause);
  if (!options.source.empty()) filter.mutable_session()->set_source(options.source);
  if (!options.session.empty()) filter.mutable_session()->set_session_id(options.session);
  for (const auto& key : options.keys) filter.add_keys(key);
  return filter;
}

// Page by page, until there are enough.
grpc::Status list_all(const Where& where, const DeferredOptions& options, v1::ListDeferredResponse& all) {
  const auto stub = v1::Deferred::NewStub(channel_to(where));
  v1::ListDeferredRequest request;
  *request.mutable_filter() = filter_of(options);
  do {
    grpc::ClientContext context;
    prepare(context, where);
    request.set_limit(std::min(a_page, options.limit - all.items_size()));
    v1::ListDeferredResponse page;
    auto status = stub->List(&context, request, &page);
    if (!status.ok()) return status;
    for (const auto& item : page.items()) *all.add_items() = item;
    all.set_more(page.more());
    if (!page.items().empty()) request.set_after(page.items().rbegin()->key());
  } while (all.more() && all.items_size() < options.limit);
  return grpc::Status::OK;
}

}  // namespace

int list_deferred(const Where& where, const DeferredOptions& options) {
  v1::ListDeferredResponse all;
  const auto status = list_all(where, options, all);
  if (!status.ok()) {
    std::cerr << "aftercall: " << explained(status, where) << "\n";
    return failed;
  }
  if (!options.json) {
    std::cout << deferred_text(all, truncate(std::chrono::system_clock::now()));
    return done;
  }
  google::protobuf::util::JsonPrintOptions form;
  form.add_whitespace = form.preserve_proto_field_names = true;
  std::string json;
  if (!google::protobuf::util::MessageToJsonString(all, &json, form).ok()) return failed;
  std::cout << json;
  return done;
}

int release_deferred(const Where& where, const DeferredOptions& options) {
  const auto stub = v1::Deferred::NewStub(channel_to(where));
  grpc::ClientContext context;
  prepare(context, where);
  v1::ReleaseRequest request;
  *request.mutable_filter() = filter_of(options);
  request.set_dry_run(options.dry_run);
  v1::ReleaseResponse response;
  const auto status = stub->Release(&context, request, &response);
  if (!status.ok()) {
    std::cerr << "aftercall: " << explained(status, where) << "\n";
    return failed;
  }
  std::cout << release_text(response, options.dry_run);
  return done;
}

int discard_deferred(const Where& where, const DeferredOptions& options) {
  const auto stub = v1::Deferred::NewStub(channel_to(where));
  grpc::ClientContext context;
  prepare(context, where);
  v1::DiscardRequest request;
  *request.mutable_filter() = filter_of(options);
  request.set_dry_run(options.dry_run);
  request.set_reason(options.reason);
  v1::DiscardResponse response;
  const auto status = stub->Discard(&context, request, &response);
  if (!status.ok()) {
    std::cerr << "aftercall: " << explained(status, where) << "\n";
    return failed;
  }
  std::cout << discard_text(response, options.dry_run);
  return done;
}

}  // namespace aftercall::cli
