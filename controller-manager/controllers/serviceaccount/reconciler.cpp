#include "controller-manager/controllers/serviceaccount/reconciler.hpp"

#include "controller-manager/controllers/serviceaccount/plan.hpp"
#include "controller-manager/namespace_state.hpp"

namespace kubeloop::controller_manager {

DefaultServiceAccounts::DefaultServiceAccounts(ControllerContext context)
    : context_(std::move(context)), queue_(context_.env.child("queue")) {
  context_.informers.namespaces.add_handler([this](const auto& before, const auto& after, std::uint64_t revision) {
    if (after) queue_.add(after->metadata.name, revision);
  });
  context_.informers.default_service_accounts.add_handler(
      [this](const auto& before, const auto& after, std::uint64_t revision) {
        if (!after) queue_.add(before->metadata.namespace_, revision);
      });
}

std::vector<std::pair<std::string, const client::WorkQueue*>> DefaultServiceAccounts::queues() const {
  return {{"serviceaccount", &queue_}};
}

awaitable<void> DefaultServiceAccounts::run() {
  co_await context_.informers.namespaces.wait_until_synced();
  co_await context_.informers.default_service_accounts.wait_until_synced();
  co_await client::run_reconciler(context_.env, queue_, *this);
}

awaitable<Result<client::ReconcileResult>> DefaultServiceAccounts::reconcile(std::string name, client::Cause cause) {
  auto& informers = context_.informers;
  auto namespace_ = informers.namespaces.find(name);
  auto account = informers.default_service_accounts.find(name + "/default");
  if (!needs_default_account(namespace_.get(), account.get())) co_return client::ReconcileResult();
  std::string body = R"({"apiVersion":"v1","kind":"ServiceAccount","metadata":{"name":"default"}})";
  auto created = co_await context_.client.create(api::kServiceAccounts, name, std::move(body), cause);
  if (created || created.error().reason == "AlreadyExists" || created.error().code == 404)
    co_return client::ReconcileResult();
  // A namespace that is on its way out refuses it, rightly.
  if (is_namespace_terminating(created.error())) co_return client::ReconcileResult();
  co_return failure(std::move(created.error()));
}

}  // namespace kubeloop::controller_manager
