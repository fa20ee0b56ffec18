#include "libs/base/crypto/random_seed.hpp"

#include <sys/random.h>

#include <cstdio>
#include <cstdlib>

namespace kubeloop::crypto {

std::uint64_t random_seed() {
  std::uint64_t seed = 0;
  if (getrandom(&seed, sizeof seed, 0) != static_cast<ssize_t>(sizeof seed)) {
    std::perror("getrandom");
    std::abort();
  }
  return seed;
}

}  // namespace kubeloop::crypto
