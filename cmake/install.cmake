include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(package_dir ${CMAKE_INSTALL_DATADIR}/cmake/tweedie)
install(DIRECTORY include/tweedie DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(TARGETS tweedie EXPORT tweedie)
if(TWEEDIE_INSTALL_COMPILED AND TARGET tweedie_compiled)
  set_target_properties(tweedie_compiled PROPERTIES EXCLUDE_FROM_ALL OFF)
  install(DIRECTORY ${PROJECT_BINARY_DIR}/compiled/include/tweedie
    DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/tweedie-compiled)
  install(TARGETS tweedie_compiled EXPORT tweedie)
endif()
install(EXPORT tweedie NAMESPACE tweedie:: FILE tweedie-targets.cmake DESTINATION ${package_dir})

configure_package_config_file(cmake/tweedie-config.cmake.in
  ${PROJECT_BINARY_DIR}/tweedie-config.cmake INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/tweedie-config-version.cmake
  COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
install(FILES ${PROJECT_BINARY_DIR}/tweedie-config.cmake
  ${PROJECT_BINARY_DIR}/tweedie-config-version.cmake DESTINATION ${package_dir})
