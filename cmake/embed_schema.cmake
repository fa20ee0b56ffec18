# Embeds libs/api/schema/tables/*.schema in kubeloop_api: one generated source with a string per table. Runs when CMake
# configures; a changed table makes it configure again.
file(GLOB schema_tables CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/libs/api/schema/tables/*.schema)
list(SORT schema_tables)
set(schema_source "// Generated from libs/api/schema/tables/*.schema.\n#include \"libs/api/schema/embedded_tables.hpp\"\n\n")
string(APPEND schema_source "namespace kubeloop::api {\n\nconst std::vector<EmbeddedTable>& embedded_tables() {\n")
string(APPEND schema_source "  static const std::vector<EmbeddedTable> tables = {\n")
foreach(table IN LISTS schema_tables)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${table})
  get_filename_component(table_name ${table} NAME)
  file(READ ${table} table_text)
  string(APPEND schema_source "{\"${table_name}\", R\"schema(${table_text})schema\"},\n")
endforeach()
string(APPEND schema_source "  };\n  return tables;\n}\n\n}  // namespace kubeloop::api\n")
file(WRITE ${CMAKE_BINARY_DIR}/generated/embedded_tables.cpp.new "${schema_source}")
# Copied only when different, so that configuring alone compiles nothing.
configure_file(${CMAKE_BINARY_DIR}/generated/embedded_tables.cpp.new
               ${CMAKE_BINARY_DIR}/generated/embedded_tables.cpp COPYONLY)
target_sources(kubeloop_api PRIVATE ${CMAKE_BINARY_DIR}/generated/embedded_tables.cpp)
