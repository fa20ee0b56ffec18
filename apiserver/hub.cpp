#include "apiserver/hub.hpp"

#include "apiserver/background.hpp"
#include "apiserver/handler_chain.hpp"
#include "apiserver/kubernetes_service.hpp"

namespace kubeloop::apiserver {

struct Hub::State {
  State(Env env, Store& store, HubOptions options)
      : hub(std::make_shared<HubState>(std::move(env), store, std::move(options))) {}
  HubPtr hub;
};

Hub::Hub(Env env, Store& store, HubOptions options)
    : state_(std::make_shared<State>(std::move(env), store, std::move(options))) {}

Hub::~Hub() {
  auto hub = state_->hub;
  hub->is_stopping = true;
  hub->watches.close();
  hub->flow.close();
  hub->tasks.stop();
}

awaitable<Result<void>> Hub::start() {
  auto hub = state_->hub;
  auto loaded = co_await load(hub);
  if (!loaded) co_return loaded;
  hub->start_random_streams();
  hub->tasks.spawn("changes", follow_changes(hub));
  auto made = co_await make_system_namespaces(hub);
  if (!made) co_return made;
  made = co_await make_kubernetes_service(hub);
  if (!made) co_return made;
  auto classes = co_await make_system_priority_classes(hub);
  if (!classes) co_return classes;
  hub->tasks.spawn("expiry", expire_objects(hub));
  hub->tasks.spawn("kubernetes-service", keep_kubernetes_service(hub));
  hub->tasks.spawn("compaction", compact_store(hub));
  hub->tasks.spawn("loop-lag", measure_loop_lag(hub));
  hub->is_started = true;
  co_return Result<void>();
}

void Hub::set_secure_port(int port) {
  state_->hub->options.secure_port = port;
}

awaitable<http::Response> Hub::handle(http::Request request) {
  auto hub = state_->hub;
  return handle_request(std::move(hub), std::move(request));
}

awaitable<void> Hub::until_stopped() {
  auto hub = state_->hub;
  co_await hub->tasks.until_stopped();
}

awaitable<void> Hub::stop() {
  auto hub = state_->hub;
  hub->is_stopping = true;
  hub->watches.close();
  hub->flow.close();
  hub->applied.notify();
  co_await hub->tasks.stop_and_join();
}

}  // namespace kubeloop::apiserver
