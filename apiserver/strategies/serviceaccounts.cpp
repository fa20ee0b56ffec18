// Service accounts: nothing of their own but that DELETE answers the object.
#include "apiserver/strategies/kinds.hpp"

namespace kubeloop::apiserver {

const Strategy& service_account_strategy() {
  static const Strategy kStrategy{
      .resource = "serviceaccounts",
      .returns_deleted_object = true,
  };
  return kStrategy;
}

}  // namespace kubeloop::apiserver
