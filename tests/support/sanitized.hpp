// Whether this is a build with the address sanitizer, where each run takes twenty times as long: what repeats itself
// over seeds or places is then tried in fewer of them.
#pragma once

namespace kubeloop {

#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool kIsSanitized = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
inline constexpr bool kIsSanitized = true;
#else
inline constexpr bool kIsSanitized = false;
#endif
#else
inline constexpr bool kIsSanitized = false;
#endif

}  // namespace kubeloop
