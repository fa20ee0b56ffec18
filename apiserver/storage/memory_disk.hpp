// The Disk of the memory store: the log as an ordered map.
#pragma once
#include <map>

#include "apiserver/storage/disk.hpp"

namespace kubeloop::apiserver {

class MemoryDisk final : public Disk {
 public:
  // For a store that is opened over it again.
  DiskContents contents() const;
  Result<bool> append(std::span<const Change> group) override;
  Result<void> rest() override;
  Result<Change> read(Revision revision) override;
  Result<std::vector<Change>> read_after(Revision revision, Revision last, std::size_t rows,
                                         std::size_t bytes) override;
  Result<Base> read_base() override;
  Result<bool> compact_step(Revision target, std::size_t rows) override;

 private:
  std::map<Revision, Change> log_;
  Revision compacted_ = 0;
  Revision cursor_ = 0;  // what was superseded at or before it is gone
};

}  // namespace kubeloop::apiserver
