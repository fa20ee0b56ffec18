// One line of a watch. Plain objects share the line that the watch hub made once; Tables, metadata and converted
// versions are made per watcher. Pure but for the Table's columns, which only the first event carries.
#pragma once
#include "apiserver/output.hpp"
#include "apiserver/registry/list_options.hpp"
#include "apiserver/storage/watch_hub.hpp"

namespace kubeloop::apiserver {

class WatchEventWriter {
 public:
  WatchEventWriter(Endpoint endpoint, Output output) : endpoint_(endpoint), output_(output) {}

  // What the watcher must see of a change, by its selectors; false when nothing.
  bool add_change(std::string& out, const WatchChange& change, const ListOptions& options, WallTime now);
  // ADDED of an object that was there at the start.
  void add_initial(std::string& out, const StoredObject& object, WallTime now);
  void add_bookmark(std::string& out, Revision revision, bool is_end_of_initial);
  static void add_error(std::string& out, const Status& status);

 private:
  void add(std::string& out, std::string_view type, const StoredObject& object, WallTime now);

  Endpoint endpoint_;
  Output output_;
  bool has_sent_columns_ = false;
};

}  // namespace kubeloop::apiserver
