// gzip at the fastest level, in slices, so that a big answer does not hold the thread.
#pragma once
#include <string>

#include "libs/base/env.hpp"

namespace kubeloop::http {

// The compressed bytes; lets other coroutines run between slices of 64 KiB. `env` and `text` must outlive the call.
awaitable<std::string> gzip(const Env& env, const std::string& text);

}  // namespace kubeloop::http
