#include "transport/layer.h"

const struct layer *const layers[] = {
	&gzip_layer, &deflate_layer, &compressed_layer, &base64_layer, &quoted_layer, &http_layer,
	&mime_layer, &mesh_layer,    &zip_layer,	&tar_layer,    &sealed_layer,
};
const size_t layer_count = sizeof(layers) / sizeof(layers[0]);
