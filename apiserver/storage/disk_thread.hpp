// Runs disk calls on one thread of its own, first in, first out, and posts what follows back to the store's executor.
#pragma once
#include <boost/asio/any_io_executor.hpp>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "apiserver/storage/disk.hpp"

namespace kubeloop::apiserver {

class DiskThread final : public DiskRunner {
 public:
  // While calls are under way the executor is told that there is work to come.
  explicit DiskThread(boost::asio::any_io_executor executor);
  ~DiskThread() override;
  // The queue is bounded by its one caller: LogStore hands in one group, one step, and a limited number of reads at a
  // time.
  void run(Work kind, Task work, Task done) override;

 private:
  struct Job {
    boost::asio::any_io_executor executor;
    Task work;
    Task done;
  };
  void loop();

  boost::asio::any_io_executor executor_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> jobs_;
  bool is_stopped_ = false;
  std::thread thread_;
};

}  // namespace kubeloop::apiserver
