// What `kubeloop completion SHELL` prints: a few lines a shell, which ask the program itself (see completion.hpp).
#include <fmt/format.h>

#include "kubeloop/commands.hpp"

namespace kubeloop::cli {
namespace {

constexpr const char* kBash = R"sh(# kubeloop completion for bash: source <(kubeloop completion bash)
_kubeloop() {
  local current="${COMP_WORDS[COMP_CWORD]}" found files=
  COMPREPLY=()
  while IFS= read -r found; do
    if [[ $found == :files ]]; then files=1; else COMPREPLY+=("$found"); fi
  done < <("${COMP_WORDS[0]}" __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  if [[ -n $files ]]; then
    compopt -o filenames 2>/dev/null
    while IFS= read -r found; do COMPREPLY+=("$found"); done < <(compgen -f -- "$current")
  elif [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *= ]]; then
    compopt -o nospace 2>/dev/null
  fi
}
complete -F _kubeloop kubeloop
)sh";

constexpr const char* kZsh = R"sh(#compdef kubeloop
# kubeloop completion for zsh: source <(kubeloop completion zsh)
_kubeloop() {
  local -a found
  found=("${(@f)$("${words[1]}" __complete "${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ ${found[(I):files]} -gt 0 ]]; then
    found=("${(@)found:#:files}")
    _files
  fi
  found=("${(@)found:#}")
  (( ${#found} )) && compadd -- "${found[@]}"
}
compdef _kubeloop kubeloop
)sh";

constexpr const char* kFish = R"sh(# kubeloop completion for fish: kubeloop completion fish | source
function __kubeloop_complete
  set -l words (commandline -opc) (commandline -ct)
  set -l found ($words[1] __complete $words[2..-1] 2>/dev/null)
  for word in $found
    if test "$word" = ":files"
      __fish_complete_path (commandline -ct)
    else
      echo $word
    end
  end
end
complete -c kubeloop -f -a "(__kubeloop_complete)"
)sh";

}  // namespace

int run_completion(const CompletionCommand& command) {
  fmt::print("{}", command.shell == "bash" ? kBash : command.shell == "zsh" ? kZsh : kFish);
  return 0;
}

}  // namespace kubeloop::cli
