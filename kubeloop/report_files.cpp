#include "kubeloop/report_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "simulator/launcher/cluster_directory.hpp"
#include "simulator/report/html.hpp"
#include "simulator/report/junit.hpp"
#include "simulator/report/mermaid.hpp"

namespace kubeloop::cli {
namespace {

using namespace simulator;

using Reports = std::vector<RunReport>;

// What --report takes besides text. A further format: a line here.
struct Format {
  std::string_view name;
  Detail detail;  // what has to be recorded for it
  std::string (*text)(const Reports& reports, const std::string& path);
};
const Format kFormats[] = {
    {"json", Detail::kStory, [](const Reports& reports, const std::string&) { return to_json_text(reports); }},
    {"html", Detail::kObjects, [](const Reports& reports, const std::string&) { return to_html(reports); }},
    {"mermaid", Detail::kStory,
     [](const Reports& reports, const std::string& path) {
       return path.ends_with(".md") ? to_mermaid_page(reports) : to_mermaid(reports);
     }},
    {"junit", Detail::kSteps, [](const Reports& reports, const std::string&) { return to_junit(reports); }},
};

const Format* find_format(std::string_view name) {
  auto it = std::ranges::find(kFormats, name, &Format::name);
  return it == std::end(kFormats) ? nullptr : it;
}

// "json=FILE, html=FILE, mermaid=FILE or junit=FILE"
std::string known_formats() {
  std::string out;
  for (const auto& format : kFormats) {
    bool is_last = &format == std::prev(std::end(kFormats));
    out += fmt::format("{}{}=FILE", out.empty() ? "" : is_last ? " or " : ", ", format.name);
  }
  return out;
}

std::unexpected<Status> cannot_write(const std::string& format, const std::string& path, const std::string& why) {
  return failure(500, "InternalError", "--report " + format + "=" + path + " cannot be written: " + why);
}

// A device or a pipe (/dev/stdout) is written to as it stands; a file is replaced as a whole.
bool is_special(const std::string& path) {
  struct stat found{};
  return stat(path.c_str(), &found) == 0 && !S_ISREG(found.st_mode) && !S_ISDIR(found.st_mode);
}

std::string why_not_writable(const std::string& path) {
  struct stat found{};
  bool exists = stat(path.c_str(), &found) == 0;
  if (exists && S_ISDIR(found.st_mode)) return std::strerror(EISDIR);
  if (exists && access(path.c_str(), W_OK) != 0) return std::strerror(errno);
  if (exists && !S_ISREG(found.st_mode)) return "";
  // A file is written beside its place first.
  std::string beside = path + ".new";
  int fd = open(beside.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) return std::strerror(errno);
  ::close(fd);
  unlink(beside.c_str());
  return "";
}

}  // namespace

Result<ReportFiles> ReportFiles::parse(const std::vector<std::string>& wanted) {
  ReportFiles reports;
  reports.has_text_ = wanted.empty();
  for (const auto& report : wanted) {
    auto equals = report.find('=');
    std::string format = report.substr(0, equals);
    std::string path = equals == std::string::npos ? "" : report.substr(equals + 1);
    if (report == "text") {
      reports.has_text_ = true;
      continue;
    }
    if (path.empty() || !find_format(format)) {
      return failure(400, "BadRequest", "--report takes text, " + known_formats() + ", not \"" + report + "\"");
    }
    bool is_taken = std::ranges::any_of(reports.files_, [&](const File& file) { return file.path == path; });
    if (is_taken) return failure(400, "BadRequest", "--report names the file " + path + " twice");
    reports.files_.push_back({format, path});
  }
  return reports;
}

Result<void> ReportFiles::check() const {
  for (const auto& file : files_) {
    std::string why = why_not_writable(file.path);
    if (!why.empty()) return cannot_write(file.format, file.path, why);
  }
  return {};
}

Result<void> ReportFiles::write(const std::vector<RunReport>& reports) const {
  Result<void> outcome;
  for (const auto& file : files_) {
    std::string text = find_format(file.format)->text(reports, file.path);
    if (is_special(file.path)) {
      std::ofstream out(file.path, std::ios::binary);
      out << text << std::flush;
      if (!out && outcome) outcome = cannot_write(file.format, file.path, "the write failed");
      continue;
    }
    auto written = write_file(file.path, text, 0644);
    if (!written && outcome) outcome = cannot_write(file.format, file.path, written.error().message);
  }
  return outcome;
}

Detail ReportFiles::detail() const {
  Detail detail = has_text_ ? Detail::kStory : Detail::kSteps;
  for (const auto& file : files_) detail = std::max(detail, find_format(file.format)->detail);
  return detail;
}

}  // namespace kubeloop::cli
