// Checker "unique-addresses": no two services are given the same address.
#pragma once
#include <map>
#include <set>
#include <string>

#include "simulator/observe/checker.hpp"

namespace kubeloop::simulator {

class UniqueAddresses final : public Checker {
 public:
  std::string_view name() const override { return "unique-addresses"; }
  std::string_view rule() const override {
    return "a cluster IP and a node port belong to one service, until it is gone or lets go of them";
  }
  void check(const Commit& commit) override;

 private:
  std::map<std::string, std::string> owners_;               // "10.96.0.7" or "port 30001" -> the service's key
  std::map<std::string, std::set<std::string>> addresses_;  // by the service's key
};

}  // namespace kubeloop::simulator
