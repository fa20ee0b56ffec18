#include "libs/base/log.hpp"

namespace kubeloop {

Log Log::child(std::string_view part) const {
  Log copy = *this;
  copy.component_ = component_.empty() ? std::string(part) : component_ + "/" + std::string(part);
  return copy;
}

}  // namespace kubeloop
