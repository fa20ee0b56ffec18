// Amounts of several resources by name, and the arithmetic of quotas and limits with them. Plain data, exact. Source:
// k8s.io/apiserver/pkg/quota/v1.
#pragma once
#include <map>
#include <string>

#include "libs/api/quantity.hpp"
#include "libs/api/views/meta.hpp"

namespace kubeloop::api {

using Amounts = std::map<std::string, Quantity>;

// A list as it is stored; what is malformed counts as 0.
Amounts read_amounts(const StringMap& list);
StringMap write_amounts(const Amounts& amounts);

void add_amounts(Amounts& to, const Amounts& what);
void subtract_amounts(Amounts& from, const Amounts& what);
// The greater of both, name by name.
void raise_amounts(Amounts& to, const Amounts& what);

// "pods=1,requests.cpu=500m"
std::string amounts_text(const Amounts& amounts);

}  // namespace kubeloop::api
