#include "apiserver/handler_chain.hpp"

#include <exception>

#include "apiserver/filters/filters.hpp"
#include "apiserver/flow_stages.hpp"
#include "apiserver/responses.hpp"
#include "apiserver/router.hpp"
#include "libs/base/deadline.hpp"

namespace kubeloop::apiserver {
namespace {

struct Filter {
  const char* stage;  // as the flow log tells it; "": not told
  filters::Verdict (*run)(HubState&, RequestContext&);
};

// In running order.
constexpr Filter kFilters[] = {
    {"", filters::read_info},                   //
    {"", filters::set_audit_id},                //
    {"", filters::check_serving},               //
    {"", filters::set_deadline},                //
    {"authentication", filters::authenticate},  //
    {"impersonation", filters::impersonate},    //
    {"", filters::control_flow},                //
    {"authorization", filters::authorize},
};

filters::Verdict run_filters(const HubPtr& hub, const RequestPtr& ctx) {
  bool is_first = true;
  for (const auto& filter : kFilters) {
    bool is_told = filter.run != filters::impersonate || ctx->request.headers.has("Impersonate-User");
    StageTimer timer(hub, ctx, is_told ? filter.stage : "");
    auto refusal = filter.run(*hub, *ctx);
    if (is_first) record_arrival(*hub, *ctx);
    is_first = false;
    if (refusal) return refusal;
  }
  return std::nullopt;
}

awaitable<http::Response> route_with_deadline(HubPtr hub, RequestPtr ctx) {
  if (ctx->info.is_long_running()) co_return co_await route(hub, ctx);
  auto routed = route(hub, ctx);
  auto response = co_await with_deadline(hub->env, ctx->timeout, std::move(routed));
  if (response) co_return std::move(*response);
  Status status(504, "Timeout", "Timeout: request did not complete within the allotted timeout");
  co_return status_response(*ctx, status);
}

// The answer of a handler that threw; cancellation passes.
http::Response panic_response(HubState& hub, const RequestContext& ctx, std::exception_ptr error) {
  try {
    std::rethrow_exception(error);
  } catch (const boost::system::system_error& e) {
    if (e.code() == asio::error::operation_aborted) throw;
    hub.env.log.error("{} {}: {}", ctx.request.method, ctx.request.target, e.what());
  } catch (const std::exception& e) {
    hub.env.log.error("{} {}: {}", ctx.request.method, ctx.request.target, e.what());
  }
  ++hub.metrics.panics;
  return text_response(500, "This request caused apiserver to panic. Look in the logs for details.\n");
}

// At most 4 KiB of them, as kube-apiserver does; each is cut when they are more.
void add_warnings(const RequestContext& ctx, http::Response& response) {
  constexpr std::size_t kMaxBytes = 4096;
  constexpr std::size_t kMaxBytesEach = 256;
  std::size_t total = 0;
  for (const auto& warning : ctx.warnings) total += warning.size();
  bool is_cut = total > kMaxBytes;
  std::size_t sent = 0;
  for (const auto& warning : ctx.warnings) {
    std::string quoted;
    for (char c : is_cut ? warning.substr(0, kMaxBytesEach) : warning) {
      if (c == '"' || c == '\\') quoted += '\\';
      if (static_cast<unsigned char>(c) >= 0x20) quoted += c;
    }
    sent += quoted.size();
    if (sent > kMaxBytes) return;
    response.headers.add("Warning", "299 - \"" + quoted + "\"");
  }
}

void add_headers(const RequestContext& ctx, http::Response& response) {
  response.headers.set("Audit-Id", ctx.audit_id);
  if (!response.headers.has("Cache-Control")) response.headers.set("Cache-Control", "no-cache, private");
  add_warnings(ctx, response);
}

// Gives the place in flow control back however the request ends.
struct InFlight {
  RequestPtr ctx;
  explicit InFlight(RequestPtr c) : ctx(std::move(c)) {}
  ~InFlight() {
    if (ctx->in_flight) --*ctx->in_flight;
  }
};

}  // namespace

awaitable<http::Response> handle_request(HubPtr hub, http::Request request) {
  auto ctx = std::make_shared<RequestContext>(std::move(request));
  InFlight in_flight(ctx);
  http::Response response;
  if (auto refusal = run_filters(hub, ctx)) {
    response = std::move(*refusal);
  } else {
    std::exception_ptr error;
    try {
      response = co_await route_with_deadline(hub, ctx);
    } catch (...) {
      error = std::current_exception();
    }
    if (error) response = panic_response(*hub, *ctx, error);
  }
  add_headers(*ctx, response);
  hub->metrics.count_request(ctx->info, ctx->is_dry_run(), response.code);
  record_response(*hub, *ctx, response.code);
  co_return response;
}

}  // namespace kubeloop::apiserver
