#include "apiserver/storage/disk_thread.hpp"

#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>

namespace kubeloop::apiserver {

namespace asio = boost::asio;

DiskThread::DiskThread(asio::any_io_executor executor) : executor_(std::move(executor)), thread_([this] { loop(); }) {}

DiskThread::~DiskThread() {
  {
    std::lock_guard lock(mutex_);
    is_stopped_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void DiskThread::run(Work, Task work, Task done) {
  asio::any_io_executor tracked = asio::prefer(executor_, asio::execution::outstanding_work.tracked);
  {
    std::lock_guard lock(mutex_);
    jobs_.push_back(Job{std::move(tracked), std::move(work), std::move(done)});
  }
  wake_.notify_one();
}

void DiskThread::loop() {
  for (;;) {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [this] { return is_stopped_ || !jobs_.empty(); });
    if (is_stopped_) return;
    Job job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    job.work();
    asio::post(job.executor, std::move(job.done));
  }
}

}  // namespace kubeloop::apiserver
