// One answer that a coroutine waits for and somebody else gives, once, on the same executor. Whoever holds the giving
// end must give an answer before it goes, or the waiter never ends.
#pragma once
#include <boost/asio/error.hpp>

#include <memory>
#include <optional>
#include <utility>

#include "libs/base/completion.hpp"
#include "libs/base/env.hpp"
#include "libs/base/result.hpp"

namespace kubeloop::apiserver {

template <class T>
class PendingAnswer {
 public:
  // Only the first answer counts.
  void give(Result<T> value) {
    if (value_) return;
    value_.emplace(std::move(value));
    resume({});
  }

  // To be awaited once. Ends with operation_aborted when the waiter is cancelled.
  static awaitable<Result<T>> wait(std::shared_ptr<PendingAnswer> answer) {
    if (!answer->value_) {
      auto start = [answer](Resume resume) { answer->resume_.emplace(std::move(resume)); };
      auto cancel = [answer] { answer->resume(asio::error::operation_aborted); };
      co_await suspend(std::move(start), std::move(cancel));
    }
    co_return std::move(*answer->value_);
  }

 private:
  void resume(boost::system::error_code ec) {
    if (!resume_) return;
    Resume call = std::move(*resume_);
    resume_.reset();
    call(ec);
  }

  std::optional<Result<T>> value_;
  std::optional<Resume> resume_;
};

}  // namespace kubeloop::apiserver
