// The parts of the page as they stand in simulator/report/page/, embedded when CMake configures
// (cmake/embed_page.cmake). Immutable.
#pragma once
#include <string_view>

namespace kubeloop::simulator {

// The frame, with {{names}} where something is filled in.
std::string_view page_html();
std::string_view page_css();
// All scripts, one after the other, in the order of their file names.
std::string_view page_js();

}  // namespace kubeloop::simulator
