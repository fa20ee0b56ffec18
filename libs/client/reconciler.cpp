#include "libs/client/reconciler.hpp"

namespace kubeloop::client {

awaitable<void> run_reconciler(const Env& env, WorkQueue& queue, Reconciler& reconciler) {
  while (true) {
    auto item = co_await queue.take();
    auto result = co_await reconciler.reconcile(item.name, item.cause);
    if (!result) {
      // A conflict is the ordinary sign that somebody else wrote first.
      if (result.error().code == 409) {
        env.log.info("{}: {}; trying again", item.name, result.error().message);
      } else {
        env.log.warning("{}: {}; trying again", item.name, result.error().message);
      }
      queue.add_rate_limited(item.name, item.cause);
    } else {
      queue.forget(item.name);
      if (result->requeue_after) queue.add_after(item.name, *result->requeue_after, Cause());
    }
    queue.done(item.name);
  }
}

}  // namespace kubeloop::client
