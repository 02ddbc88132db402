/* Decodes, shrinks and encodes JPEG pictures with libjpeg; the arithmetic runs without the interpreter's lock. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

static PyObject *PictureError;

/* libjpeg ends the program on an error unless its handler does not return. */
struct error_manager {
    struct jpeg_error_mgr base;
    jmp_buf back;
    char message[JMSG_LENGTH_MAX];
};

static void fail(j_common_ptr info) {
    struct error_manager *errors = (struct error_manager *)info->err;
    (*info->err->format_message)(info, errors->message);
    longjmp(errors->back, 1);
}

/* A picture that ends early is a warning to libjpeg, which fills the rest with grey; here it is an error. */
static void warn(j_common_ptr info, int level) {
    if (level < 0) fail(info);
}

static void watch(struct error_manager *errors) {
    jpeg_std_error(&errors->base);
    errors->base.error_exit = fail;
    errors->base.emit_message = warn;
}

struct pixels {
    unsigned char *data; /* rows of width * channels bytes; freed by the caller */
    unsigned width;
    unsigned height;
    int channels; /* 1: grey, 3: red, green and blue */
};

/* Decodes at the smallest of libjpeg's own scales (eighths) that is no smaller than what is wanted. */
static int decode(const unsigned char *picture, size_t length, unsigned width, unsigned height, struct pixels *out,
                  struct error_manager *errors) {
    struct jpeg_decompress_struct info;
    unsigned char *volatile data = NULL;
    info.err = &errors->base;
    watch(errors);
    if (setjmp(errors->back)) {
        jpeg_destroy_decompress(&info);
        free(data);
        return -1;
    }
    jpeg_create_decompress(&info);
    jpeg_mem_src(&info, (unsigned char *)picture, (unsigned long)length);
    jpeg_read_header(&info, TRUE);
    if (info.jpeg_color_space == JCS_CMYK || info.jpeg_color_space == JCS_YCCK) {
        snprintf(errors->message, sizeof errors->message, "pictures for print (CMYK) are not supported");
        longjmp(errors->back, 1);
    }
    info.out_color_space = info.jpeg_color_space == JCS_GRAYSCALE ? JCS_GRAYSCALE : JCS_RGB;
    info.scale_denom = 8;
    for (info.scale_num = 1; info.scale_num < 8; info.scale_num++) {
        jpeg_calc_output_dimensions(&info);
        if (info.output_width >= width && info.output_height >= height) break;
    }
    jpeg_start_decompress(&info);
    size_t stride = (size_t)info.output_width * (size_t)info.output_components;
    data = malloc(stride * info.output_height);
    if (data == NULL) {
        snprintf(errors->message, sizeof errors->message, "there is not enough memory for the picture");
        longjmp(errors->back, 1);
    }
    while (info.output_scanline < info.output_height) {
        JSAMPROW row = data + stride * info.output_scanline;
        jpeg_read_scanlines(&info, &row, 1);
    }
    out->data = data;
    out->width = info.output_width;
    out->height = info.output_height;
    out->channels = info.output_components;
    jpeg_finish_decompress(&info);
    jpeg_destroy_decompress(&info);
    return 0;
}

/* Where one pixel of the small picture begins in the large one, in 1/65536 of a pixel. */
static uint64_t edge(unsigned at, unsigned from, unsigned to) { return ((uint64_t)at * from << 16) / to; }

/* Each pixel of the result is the mean of the area that it covers, parts of pixels counted as parts. */
static void shrink(const struct pixels *from, struct pixels *to) {
    for (unsigned y = 0; y < to->height; y++) {
        uint64_t top = edge(y, from->height, to->height), bottom = edge(y + 1, from->height, to->height);
        for (unsigned x = 0; x < to->width; x++) {
            uint64_t left = edge(x, from->width, to->width), right = edge(x + 1, from->width, to->width);
            for (int channel = 0; channel < from->channels; channel++) {
                double sum = 0;
                for (uint64_t row = top >> 16; row << 16 < bottom; row++) {
                    uint64_t high = row << 16 > top ? row << 16 : top;
                    uint64_t low = (row + 1) << 16 < bottom ? (row + 1) << 16 : bottom;
                    double across = 0;
                    for (uint64_t column = left >> 16; column << 16 < right; column++) {
                        uint64_t begin = column << 16 > left ? column << 16 : left;
                        uint64_t end = (column + 1) << 16 < right ? (column + 1) << 16 : right;
                        size_t at = ((size_t)row * from->width + (size_t)column) * (size_t)from->channels;
                        across += (double)(end - begin) * from->data[at + (size_t)channel];
                    }
                    sum += (double)(low - high) * across;
                }
                double area = (double)(bottom - top) * (double)(right - left);
                size_t at = ((size_t)y * to->width + x) * (size_t)to->channels + (size_t)channel;
                to->data[at] = (unsigned char)(sum / area + 0.5);
            }
        }
    }
}

static int encode(const struct pixels *from, int quality, unsigned char **out, unsigned long *length,
                  struct error_manager *errors) {
    struct jpeg_compress_struct info;
    info.err = &errors->base;
    watch(errors);
    if (setjmp(errors->back)) {
        jpeg_destroy_compress(&info);
        *out = NULL; /* libjpeg may have moved the buffer without saying so */
        return -1;
    }
    jpeg_create_compress(&info);
    jpeg_mem_dest(&info, out, length);
    info.image_width = from->width;
    info.image_height = from->height;
    info.input_components = from->channels;
    info.in_color_space = from->channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_set_defaults(&info);
    jpeg_set_quality(&info, quality, TRUE);
    info.optimize_coding = TRUE;
    jpeg_start_compress(&info, TRUE);
    while (info.next_scanline < info.image_height) {
        JSAMPROW row = from->data + (size_t)info.next_scanline * from->width * (size_t)from->channels;
        jpeg_write_scanlines(&info, &row, 1);
    }
    jpeg_finish_compress(&info);
    jpeg_destroy_compress(&info);
    return 0;
}

static PyObject *resize(PyObject *Py_UNUSED(module), PyObject *arguments) {
    Py_buffer picture;
    unsigned width, height;
    int quality;
    if (!PyArg_ParseTuple(arguments, "y*IIi", &picture, &width, &height, &quality)) return NULL;
    struct error_manager errors;
    struct pixels large = {0}, small = {0};
    unsigned char *encoded = NULL;
    unsigned long length = 0;
    const char *problem = NULL;
    errors.message[0] = '\0';
    Py_BEGIN_ALLOW_THREADS;
    if (decode(picture.buf, (size_t)picture.len, width, height, &large, &errors) != 0) {
        problem = errors.message;
    } else if (width == 0 || height == 0 || width > large.width || height > large.height) {
        problem = "a picture can only be made smaller";
    } else {
        small = (struct pixels){NULL, width, height, large.channels};
        small.data = malloc((size_t)width * height * (size_t)large.channels);
        if (small.data == NULL) {
            problem = "there is not enough memory for the picture";
        } else {
            shrink(&large, &small);
            if (encode(&small, quality, &encoded, &length, &errors) != 0) problem = errors.message;
        }
    }
    free(large.data);
    free(small.data);
    Py_END_ALLOW_THREADS;
    PyBuffer_Release(&picture);
    PyObject *result = NULL;
    if (problem != NULL) PyErr_SetString(PictureError, problem);
    else result = PyBytes_FromStringAndSize((const char *)encoded, (Py_ssize_t)length);
    free(encoded);
    return result;
}

static PyObject *size(PyObject *Py_UNUSED(module), PyObject *argument) {
    Py_buffer picture;
    if (PyObject_GetBuffer(argument, &picture, PyBUF_SIMPLE) != 0) return NULL;
    struct error_manager errors;
    struct jpeg_decompress_struct info;
    info.err = &errors.base;
    watch(&errors);
    if (setjmp(errors.back)) {
        jpeg_destroy_decompress(&info);
        PyBuffer_Release(&picture);
        PyErr_SetString(PictureError, errors.message);
        return NULL;
    }
    jpeg_create_decompress(&info);
    jpeg_mem_src(&info, picture.buf, (unsigned long)picture.len);
    jpeg_read_header(&info, TRUE);
    unsigned width = info.image_width, height = info.image_height;
    jpeg_destroy_decompress(&info);
    PyBuffer_Release(&picture);
    return Py_BuildValue("II", width, height);
}

static PyObject *average(PyObject *Py_UNUSED(module), PyObject *argument) {
    Py_buffer picture;
    if (PyObject_GetBuffer(argument, &picture, PyBUF_SIMPLE) != 0) return NULL;
    struct error_manager errors;
    struct pixels decoded = {0};
    unsigned char mean[3] = {0};
    errors.message[0] = '\0';
    int failed;
    Py_BEGIN_ALLOW_THREADS;
    failed = decode(picture.buf, (size_t)picture.len, 1, 1, &decoded, &errors);
    if (failed == 0) {
        struct pixels one = {mean, 1, 1, decoded.channels};
        shrink(&decoded, &one);
        if (decoded.channels == 1) mean[1] = mean[2] = mean[0];
    }
    free(decoded.data);
    Py_END_ALLOW_THREADS;
    PyBuffer_Release(&picture);
    if (failed != 0) {
        PyErr_SetString(PictureError, errors.message);
        return NULL;
    }
    return Py_BuildValue("BBB", mean[0], mean[1], mean[2]);
}

static PyMethodDef methods[] = {
    {"size", size, METH_O, "Width and height of a JPEG picture."},
    {"average", average, METH_O, "Mean red, green and blue of a JPEG picture."},
    {"resize", resize, METH_VARARGS, "A JPEG picture of the given width, height and quality."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, .m_name = "_jpeg", .m_doc = "JPEG pictures, by libjpeg.", .m_size = -1, .m_methods = methods,
};

PyMODINIT_FUNC PyInit__jpeg(void) {
    PyObject *module = PyModule_Create(&definition);
    if (module == NULL) return NULL;
    PictureError = PyErr_NewException("contoso_thumbnail.PictureError", PyExc_ValueError, NULL);
    if (PictureError == NULL || PyModule_AddObjectRef(module, "PictureError", PictureError) != 0) {
        Py_DECREF(module);
        return NULL;
    }
    return module;
}
