// One of the writes that a request consists of, under a name of its own in the flow log: an eviction's mark on its pod,
// a creation's charge on a quota. Its time is part of the whole request's.
#pragma once
#include <memory>
#include <string>

#include "apiserver/hub_state.hpp"
#include "apiserver/registry/endpoint.hpp"
#include "apiserver/registry/update.hpp"

namespace kubeloop::apiserver {

class RequestPart {
 public:
  // As if the same user had sent `verb` for that object.
  RequestPart(RequestPtr whole, const char* verb, const Endpoint& endpoint, std::string name, const char* subresource);

  // What the write's functions are given.
  const RequestPtr& request() const { return part_; }
  // The write is through: adds what it took to the whole.
  void finish();

 private:
  RequestPtr whole_, part_;
  Duration costs_before_;
};

// Writes the status of the object that `call` names (its subresource is set here), as a part of `whole`.
awaitable<Result<Updated>> update_status_within(HubPtr hub, RequestPtr whole, std::shared_ptr<UpdateCall> call);

}  // namespace kubeloop::apiserver
