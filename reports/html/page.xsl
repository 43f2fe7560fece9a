<?xml version="1.0" encoding="UTF-8"?>
<!-- page.xsl - what every page is made of: head, masthead, tags, numbers, dates. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
                xmlns:r="urn:cpis:results:1" exclude-result-prefixes="r">

<xsl:output method="html" encoding="UTF-8" indent="no" doctype-system="about:legacy-compat"/>
<xsl:strip-space elements="*"/>

<!-- The content security policy, the style and the script it allows. -->
<xsl:param name="policy"/>
<xsl:param name="style"/>
<xsl:param name="script"/>

<!-- A line feed: so that two reports can be compared line by line. -->
<xsl:variable name="n" select="'&#10;'"/>

<xsl:template name="head">
	<xsl:param name="title"/>
	<xsl:param name="tool"/>
	<head>
		<xsl:value-of select="$n"/>
		<meta http-equiv="Content-Security-Policy" content="{$policy}"/>
		<xsl:value-of select="$n"/>
		<meta name="viewport" content="width=device-width, initial-scale=1"/>
		<meta name="color-scheme" content="light dark"/>
		<meta name="referrer" content="no-referrer"/>
		<meta name="generator" content="cpis {$tool}"/>
		<xsl:value-of select="$n"/>
		<title><xsl:value-of select="$title"/></title>
		<xsl:value-of select="$n"/>
		<style><xsl:value-of select="$style"/></style>
	</head>
</xsl:template>

<xsl:template name="masthead">
	<xsl:param name="name"/>
	<xsl:param name="about"/>
	<xsl:value-of select="$n"/>
	<header class="masthead">
		<div class="masthead-inner">
			<span class="masthead-name"><xsl:value-of select="$name"/></span>
			<xsl:if test="string($about)">
				<xsl:text> </xsl:text>
				<span class="masthead-about"><xsl:value-of select="$about"/></span>
			</xsl:if>
		</div>
	</header>
	<xsl:value-of select="$n"/>
</xsl:template>

<!-- The heading of a section; the section itself is labelled by it. -->
<xsl:template name="titled">
	<xsl:param name="id"/>
	<xsl:param name="title"/>
	<h2 id="{$id}-title"><xsl:value-of select="$title"/></h2>
</xsl:template>

<!-- 2027-01-31T12:00:00Z as "31 January 2027" -->
<xsl:template name="day">
	<xsl:param name="date" select="@date"/>
	<xsl:variable name="months" select="'January   February  March     April     May       June      July      August    September October   November  December  '"/>
	<xsl:variable name="month" select="number(substring($date, 6, 2))"/>
	<xsl:value-of select="concat(number(substring($date, 9, 2)), ' ', normalize-space(substring($months, 10 * $month - 9, 10)), ' ', substring($date, 1, 4))"/>
</xsl:template>

<!-- The same, as "31 January 2027 at 12:00 UTC" -->
<xsl:template name="date">
	<xsl:param name="date" select="@date"/>
	<time datetime="{$date}">
		<xsl:call-template name="day"><xsl:with-param name="date" select="$date"/></xsl:call-template>
		<xsl:value-of select="concat(' at ', substring($date, 12, 5), ' UTC')"/>
	</time>
</xsl:template>

<!-- A status: always a symbol and a word, on a tint. -->
<xsl:template name="tag">
	<xsl:param name="status"/>
	<span class="tag tag-{translate($status, ' ', '-')}">
		<xsl:call-template name="sign"><xsl:with-param name="status" select="$status"/></xsl:call-template>
		<xsl:call-template name="word"><xsl:with-param name="status" select="$status"/></xsl:call-template>
	</span>
</xsl:template>

<xsl:template name="sign">
	<xsl:param name="status"/>
	<span class="symbol" aria-hidden="true">
		<xsl:call-template name="symbol"><xsl:with-param name="status" select="$status"/></xsl:call-template>
	</span>
</xsl:template>

<xsl:template name="symbol">
	<xsl:param name="status"/>
	<xsl:choose>
		<xsl:when test="$status = 'pass' or $status = 'passed' or $status = 'fixed'">&#x2713;</xsl:when>
		<xsl:when test="$status = 'fail' or $status = 'failed' or $status = 'error'">&#x2715;</xsl:when>
		<xsl:when test="$status = 'warning'">!</xsl:when>
		<xsl:when test="$status = 'info'">i</xsl:when>
		<xsl:when test="$status = 'broken'">#</xsl:when>
		<xsl:when test="$status = 'waived' or $status = 'accepted'">~</xsl:when>
		<xsl:when test="$status = 'expected'">=</xsl:when>
		<xsl:when test="$status = 'unexpected' or $status = 'new' or $status = 'added'">+</xsl:when>
		<xsl:when test="$status = 'changed'">&#x2260;</xsl:when>
		<xsl:when test="$status = 'left out' or $status = 'not found' or $status = 'missing' or $status = 'not there'">&#x2212;</xsl:when>
		<xsl:when test="$status = 'partial'">&#x25D0;</xsl:when>
		<xsl:otherwise>?</xsl:otherwise>
	</xsl:choose>
</xsl:template>

<xsl:template name="word">
	<xsl:param name="status"/>
	<xsl:choose>
		<xsl:when test="$status = 'info'">note</xsl:when>
		<xsl:otherwise><xsl:value-of select="$status"/></xsl:otherwise>
	</xsl:choose>
</xsl:template>

<xsl:template name="plural">
	<xsl:param name="count"/>
	<xsl:param name="noun"/>
	<xsl:value-of select="concat(format-number($count, '#,##0'), ' ', $noun)"/>
	<xsl:if test="$count != 1">s</xsl:if>
</xsl:template>

<!-- A row of a list of facts, if it has a value. -->
<xsl:template name="fact">
	<xsl:param name="name"/>
	<xsl:param name="value"/>
	<xsl:param name="class">words</xsl:param>
	<xsl:if test="string($value)">
		<xsl:value-of select="$n"/>
		<dt><xsl:value-of select="$name"/></dt>
		<dd class="{$class}"><xsl:value-of select="$value"/></dd>
	</xsl:if>
</xsl:template>

<!-- A text that may be long, cut after a word where a page must hold it. -->
<xsl:template name="cut">
	<xsl:param name="text"/>
	<xsl:param name="most" select="120"/>
	<xsl:choose>
		<xsl:when test="string-length($text) &lt;= $most"><xsl:value-of select="$text"/></xsl:when>
		<xsl:when test="contains(substring($text, 1, $most + 1), ' ')"><xsl:call-template name="cut-at-word"><xsl:with-param name="text" select="substring($text, 1, $most + 1)"/></xsl:call-template></xsl:when>
		<xsl:otherwise><xsl:value-of select="concat(substring($text, 1, $most), '&#x2026;')"/></xsl:otherwise>
	</xsl:choose>
</xsl:template>

<!-- Without its last, broken word. -->
<xsl:template name="cut-at-word">
	<xsl:param name="text"/>
	<xsl:variable name="n" select="string-length($text)"/>
	<xsl:choose>
		<xsl:when test="substring($text, $n) = ' '"><xsl:value-of select="concat(substring($text, 1, $n - 1), ' &#x2026;')"/></xsl:when>
		<xsl:otherwise><xsl:call-template name="cut-at-word"><xsl:with-param name="text" select="substring($text, 1, $n - 1)"/></xsl:call-template></xsl:otherwise>
	</xsl:choose>
</xsl:template>

<!-- The style puts a caret under the marked character, so that long lines can wrap. -->
<xsl:template match="r:excerpt">
	<xsl:variable name="text" select="translate(., '&#9;', ' ')"/>
	<xsl:value-of select="$n"/>
	<pre class="excerpt"><xsl:if test="../@line"><span class="line"><span class="unseen">Line </span><xsl:value-of select="../@line"/></span></xsl:if><code><xsl:value-of select="substring($text, 1, @caret)"/><mark><xsl:value-of select="substring(concat($text, '&#160;'), @caret + 1, 1)"/></mark><xsl:value-of select="substring($text, @caret + 2)"/></code></pre>
</xsl:template>

</xsl:stylesheet>
