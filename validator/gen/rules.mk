# What is made at build time from other files of the repo: tables of the schemas, assets of the reports.
GEN_SRC     :=
GEN_HEADERS :=
GEN_OBJ     := $(GEN_SRC:%.c=%.o)
