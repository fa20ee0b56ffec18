// Which of the words that are known was probably meant by one that is not. Pure.
#pragma once
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace kubeloop::simulator {

// The one word that differs from `word` by case or separators only, or by few typing errors (one in three letters at
// most, exchanged neighbours count once); "" when there is none, the first in order when there are several.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& known);
std::string did_you_mean(std::string_view word, const std::set<std::string>& known);

// How many letters must be added, removed, changed or exchanged with the next. Words longer than 64 letters count as
// entirely different.
int edit_distance(std::string_view a, std::string_view b);

}  // namespace kubeloop::simulator
