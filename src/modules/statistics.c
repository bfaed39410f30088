// SPDX-License-Identifier: MIT
// statistics.c - the module _statistics: quantiles of the normal distribution.
//
// Method:      M. J. Wichura, "Algorithm AS 241: The Percentage Points of the Normal
//              Distribution" (1988), routine PPND16: rational functions in three
//              ranges, about 16 digits.
#include <Python.h>

#include "base/base.h"
#include "objects/args.h"

// A polynomial of degree 7, highest coefficient first.
static double
polynomial(const double c[8], double x)
{
    double r = c[0];
    for (int i = 1; i < 8; i++) {
        r = r * x + c[i];
    }
    return r;
}

// The quantile of the standard normal distribution, 0 < p < 1.
static double
standard_quantile(double p)
{
    static const double central[2][8] = {
        {2.5090809287301226727e+3, 3.3430575583588128105e+4, 6.7265770927008700853e+4,
         4.5921953931549871457e+4, 1.3731693765509461125e+4, 1.9715909503065514427e+3,
         1.3314166789178437745e+2, 3.3871328727963666080},
        {5.2264952788528545610e+3, 2.8729085735721942674e+4, 3.9307895800092710610e+4,
         2.1213794301586595867e+4, 5.3941960214247511077e+3, 6.8718700749205790830e+2,
         4.2313330701600911252e+1, 1.0}};
    static const double middle[2][8] = {
        {7.74545014278341407640e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1,
         1.27045825245236838258, 3.64784832476320460504, 5.76949722146069140550,
         4.63033784615654529590, 1.42343711074968357734},
        {1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636164571966e-2,
         1.48103976427480074590e-1, 6.89767334985100004550e-1, 1.67638483018380384940,
         2.05319162663775882187, 1.0}};
    static const double tail[2][8] = {
        {2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.24266094738807843860e-3,
         2.65321895265761230930e-2, 2.96560571828504891230e-1, 1.78482653991729133580,
         5.46378491116411436990, 6.65790464350110377720},
        {2.04426310338993978564e-15, 1.42151175831644588870e-7,
         1.84631831751005468180e-5, 7.86869131145613259100e-4,
         1.48753612908506148525e-2, 1.36929880922735805310e-1,
         5.99832206555887937690e-1, 1.0}};
    double q = p - 0.5;
    if (fabs(q) <= 0.425) {
        double r = 0.180625 - q * q;
        return polynomial(central[0], r) * q / polynomial(central[1], r);
    }
    double r = sqrt(-log(q <= 0.0 ? p : 1.0 - p)), x;
    if (r <= 5.0) {
        r -= 1.6;
        x = polynomial(middle[0], r) / polynomial(middle[1], r);
    }
    else {
        r -= 5.0;
        x = polynomial(tail[0], r) / polynomial(tail[1], r);
    }
    return q < 0.0 ? -x : x;
}

KR_FUNCTION(statistics, "_normal_dist_inv_cdf(p, mu, sigma, /)", "")
static PyObject *
statistics_inv_cdf(PyObject *module, double p, double mu, double sigma)
{
    if (!(p > 0.0 && p < 1.0)) {
        PyErr_SetString(PyExc_ValueError, "inv_cdf undefined for these parameters");
        return NULL;
    }
    return PyFloat_FromDouble(mu + standard_quantile(p) * sigma);
}

KR_MODULE(statistics)
#include "modules/statistics.methods.h"

static PyModuleDef_Slot statistics_slots[] = {
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL},
};

static PyModuleDef statistics_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_statistics",
    .m_doc = "Accelerators for the statistics module.\n",
    .m_methods = statistics_methods,
    .m_slots = statistics_slots,
};

PyMODINIT_FUNC
PyInit__statistics(void)
{
    return PyModuleDef_Init(&statistics_def);
}
